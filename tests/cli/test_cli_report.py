"""nzip report: a page that stands alone, at work and afterwards."""

from __future__ import annotations

import html
import re
import sqlite3
from html.parser import HTMLParser

import pytest
from support.samples import make_text
from support.trees import make_tree

from nzip.archive.batch import report_sample
from nzip.archive.batch.report_sample import LEVELS, measure_levels


class Checker(HTMLParser):
    """Fails on elements that are not closed, and on what a page would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_startendtag(self, tag, attributes):
        assert tag not in ("script", "link", "img", "iframe")
        assert not {"src", "href", "onload"}.intersection(dict(attributes))

    def handle_starttag(self, tag, attributes):
        self.handle_startendtag(tag, attributes)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check(page: str) -> None:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    assert "url(" not in page
    assert "@import" not in page


@pytest.fixture
def job(cli):
    files = {f"{i}.{suffix}": make_text(900 + i) for i, suffix in enumerate(["txt", "txt", "md", "LOG"])}
    make_tree(cli.folder / "src", {**files, "<b>&.txt": b"hostile " * 200, "plain": b"p"})
    (cli.folder / "src/a\x1b[31m").symlink_to("nowhere")
    make_tree(cli.folder / "out", {"2.md.nz": b"precious"})
    assert cli("batch", "src", "--out", "out", "-1").code == 9


@pytest.mark.usefixtures("job")
def test_the_page(cli):
    result = cli.ok("report", "out", "--no-sample")
    assert result.out == b"out/.nzip-batch/report.html\n"
    page = cli.read("out/.nzip-batch/report.html").decode()
    check(page)
    assert "<h1>Batch job ended, 1 file not archived</h1>" in page
    assert "&lt;b&gt;&amp;.txt" in page
    assert "a\\x1b[31m" in page
    assert "the archive's name is taken" in html.unescape(page)
    for kind in (".txt", ".log", "no suffix"):
        assert f">{kind}<" in page
    assert re.search(r"<b>5</b><span>of 7 files archived", page)
    cli.ok("report", "out/.nzip-batch/ledger.sqlite", "--no-sample")  # an earlier page is replaced


@pytest.mark.usefixtures("job")
def test_where_it_goes(cli):
    cli.write("job.toml", b'source = "src"\nout = "out"\n')
    assert cli.ok("report", "job.toml", "--no-sample", "-o", "page.html").out == b"page.html\n"
    assert cli("report", "job.toml", "--no-sample", "-o", "page.html").code == 1
    cli.ok("report", "job.toml", "--no-sample", "-f", "-o", "page.html")
    check(cli.read("page.html").decode())


@pytest.mark.usefixtures("job")
def test_levels_on_a_sample(cli):
    cli.ok("report", "out")
    page = cli.read("out/.nzip-batch/report.html").decode()
    check(page)
    assert [level for level in range(1, 10) if f">-{level}</td>" in page] == list(LEVELS)


def test_slow_levels_are_measured_on_less_and_seen_beside_the_first(monkeypatch):
    """What shrinks in the end does not count for them alone."""
    clock = iter(range(10**6))
    monkeypatch.setattr(report_sample.time, "perf_counter", lambda: next(clock) / 10)
    monkeypatch.setattr(report_sample, "compress", lambda piece, level: piece[: len(piece) // level])
    pieces = [b"1" * 1000] * 20
    points = measure_levels(pieces, lambda _level: None)
    assert [point.ratio for point in points] == pytest.approx([1 / level for level in LEVELS], rel=0.01)
    # Each look at the clock takes a tenth of a second, and half a second is enough.
    assert [point.speed for point in points] == pytest.approx([200_000, *[6000 / 0.7] * 4])
    assert measure_levels([], print) == []


def test_while_the_job_is_at_work(cli):
    make_tree(cli.folder / "src", {f"{i}.txt": make_text(2000, seed=i) for i in range(4)})
    (cli.folder / "src/large.txt").write_bytes(b"")
    assert cli("batch", "src", "--out", "out", "-1").code == 0
    database = sqlite3.connect(cli.folder / "out/.nzip-batch/ledger.sqlite")
    with database:
        database.execute("UPDATE files SET state = 'pending', size = 4000 WHERE path = 'large.txt'")
    database.close()
    cli.ok("report", "out", "--no-sample")
    page = cli.read("out/.nzip-batch/report.html").decode()
    check(page)
    assert "Batch job not complete" in page
    assert "to go, at the pace so far" in page
    assert re.search(r"<b>4</b><span>of 5 files archived", page)


@pytest.mark.usefixtures("job")
def test_while_files_are_found(cli):
    """Or when a job was killed before all were."""
    database = sqlite3.connect(cli.folder / "out/.nzip-batch/ledger.sqlite")
    with database:
        database.execute(
            "INSERT INTO runs (id, engine, boot, started, begun, synced) VALUES (2, 'local', '', 1, 5, 5)"
        )
        database.execute("UPDATE files SET run = 2 WHERE path = '0.txt'")
    database.close()
    cli.ok("report", "out", "--no-sample")
    page = cli.read("out/.nzip-batch/report.html").decode()
    check(page)
    assert "Batch job not complete" in page
    assert "the last run has not found all files yet" in page
    assert re.search(r"<b>5</b><span>of 7 files archived", page)


def test_the_clock_was_set_back(cli):
    make_tree(cli.folder / "src", {f"{i}.txt": make_text(2000, seed=i) for i in range(5)})
    assert cli("batch", "src", "--out", "out", "-1").code == 0
    database = sqlite3.connect(cli.folder / "out/.nzip-batch/ledger.sqlite")
    with database:
        database.execute("UPDATE runs SET worked = 10, ended = NULL")
        database.execute("UPDATE files SET finished = 1000 - id, seconds = 3, verify_seconds = 2")
        database.execute("UPDATE files SET state = 'pending' WHERE id = 1")
    database.close()
    cli.ok("report", "out", "--no-sample")
    # Five files of 5 s in 10 s: what is left is one more, on two and a half threads.
    assert "<b>2 s</b><span>to go, at the pace so far" in cli.read("out/.nzip-batch/report.html").decode()


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("nowhere", 1, "holds no batch job; there is no ledger"),
        ("text", 1, "file is not a database"),
        ("empty", 1, "nzip: empty: no job was ever begun"),
        ("bad.toml", 64, "'a' is not known"),
    ],
)
def test_what_is_no_job(cli, name, code, message):
    cli.write("text", b"text " * 100)
    cli.write("empty", b"")
    cli.write("bad.toml", b"a = 1\n")
    result = cli("report", name)
    assert (result.code, result.out) == (code, b"")
    assert message in result.err
    assert result.err.count("\n") == 1
