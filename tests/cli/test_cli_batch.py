"""nzip batch as people run it: kept records, exit codes, kills and resumes."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import time

import pytest
from support.cli_batches import QUICK, archived, batch
from support.model_files import network
from support.samples import make_text
from support.trees import make_tree
from support.waiting import wait_for

from nzip.archive import Archive


@pytest.fixture
def tree(cli):
    """Files in src, by their paths."""
    texts = {f"{i % 5}/{i}.txt": make_text(200 + 40 * i, seed=i) for i in range(40)}
    make_tree(cli.folder / "src", texts)
    return texts


def states(cli):
    database = sqlite3.connect(cli.folder / "out/.nzip-batch/ledger.sqlite")
    try:
        return dict(database.execute("SELECT path, state FROM files"))
    finally:
        database.close()


def test_a_folder(cli, tree):
    assert batch(cli) == (0, b"", "")
    assert archived(cli) == tree
    assert sorted(os.listdir(cli.folder / "out/.nzip-batch")) == ["ledger.sqlite", "lock", "log.txt"]
    log = (cli.folder / "out/.nzip-batch/log.txt").read_text()
    assert "40 files are to be done" in log
    assert "ended: 40 files" in log
    cli.ok("d", "-c", "out/0/0.txt.nz")


def test_archives(cli, tree):
    cli.write("job.toml", b'source = "src"\nout = "out"\nlevel = 1\narchives = "15K"\n')
    result = cli("batch", "job.toml", "-v")
    assert "40 files in 3 archives, 40 of them now" in result.err
    assert sorted(path.name for path in (cli.folder / "out").iterdir()) == [
        ".nzip-batch",
        "00001.nza",
        "00002.nza",
        "00003.nza",
    ]
    (cli.folder / "src/0/0.txt").write_bytes(b"changed")
    cli.ok("batch", "job.toml", "--resume")
    (cli.folder / "restored").mkdir()
    for number in range(1, 5):
        cli.ok("archive", "extract", "-f", f"out/0000{number}.nza", "-C", "restored")
    restored = {name: (cli.folder / "restored" / name).read_bytes() for name in tree}
    assert restored == {**tree, "0/0.txt": b"changed"}
    cli.ok("report", "out", "--no-sample")
    assert "in 4 archives" in cli.read("out/.nzip-batch/report.html").decode()


def test_json(cli, tree):
    record = json.loads(batch(cli, "--json").out)
    assert (record["done"], record["failed"], record["exit_code"]) == (40, 0, 0)
    assert record["plain_bytes"] == sum(map(len, tree.values()))


def test_a_job_is_resumed_only_when_asked(cli, tree):
    batch(cli)
    result = batch(cli)
    message = "nzip: out/.nzip-batch/ledger.sqlite: there is a job already; --resume goes on with it\n"
    assert (result.code, result.err.replace(f"{cli.folder}/", "")) == (1, message)
    (cli.folder / "src/0/0.txt").write_bytes(b"changed")
    assert batch(cli, "--resume") == (0, b"", "")
    assert archived(cli) == {**tree, "0/0.txt": b"changed"}


def test_a_job_file_and_options(cli, tree):
    cli.write("job.toml", b'source = "src"\nout = "out"\nlevel = 9\ninclude = ["*1.txt"]\n')
    assert cli("batch", "job.toml", "-1", "--include", "2.txt").code == 0
    assert archived(cli) == {"2/2.txt": tree["2/2.txt"]}
    cli.write("bad.toml", b"sauce = 1\n")
    result = cli("batch", "bad.toml")
    assert (result.code, result.out) == (64, b"")
    assert result.err.startswith("nzip: bad.toml: 'sauce' is not known;")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nowhere", "--out", "out"), 1, "nzip: nowhere: No such file or directory\n"),
        (("src",), 64, "nzip: src: a job needs a source and an out (--out) (try nzip batch -h)\n"),
        (("src", "--out", "src/out"), 64, "nzip: src: out lies in the source, which would grow while it is"),
        (("src", "--out", "out", "--model", "nobody"), 8, "nzip: src: model 'nobody' is not known"),
        (("src", "--out", "src/0/0.txt/x"), 64, "nzip: src: out lies in the source"),
        (("src", "--out", "file"), 1, "nzip: file/.nzip-batch: Not a directory\n"),
    ],
)
@pytest.mark.usefixtures("tree")
def test_jobs_that_cannot_be(cli, arguments, code, message):
    cli.write("file", b"")
    result = cli("batch", *arguments)
    assert (result.code, result.out) == (code, b"")
    assert result.err.replace(f"{cli.folder}/", "").startswith(message)
    assert result.err.count("\n") == 1


@pytest.mark.usefixtures("tree")
def test_partial_failure(cli):
    make_tree(cli.folder / "out", {"0/0.txt.nz": b"precious"})
    (cli.folder / "src/link").symlink_to("0/0.txt")
    result = batch(cli)
    assert result.code == 9
    assert "nzip: 0/0.txt: the archive's name is taken; -f replaces it\n" in result.err
    assert "1 links and special files are left out" in result.err
    assert len(list((cli.folder / "out").rglob("*.nz"))) == 40
    assert (cli.folder / "out/0/0.txt.nz").read_bytes() == b"precious"


@pytest.mark.usefixtures("tree")
def test_left_out_files_are_a_warning(cli):
    (cli.folder / "src/link").symlink_to("0/0.txt")
    assert batch(cli).code == 2


@pytest.mark.usefixtures("tree")
def test_two_at_a_time(cli):
    os.mkdir(cli.folder / "out")
    first = cli.start("batch", "src", "--out", "out", "-8", "-j1")
    wait_for(lambda: (cli.folder / "out/.nzip-batch/ledger.sqlite").exists())
    result = cli("batch", "src", "--out", "out", "-8", "--resume")
    first.kill()
    first.wait()
    assert result.code == 1
    assert "another nzip batch is at work there" in result.err


def test_ctrl_c(cli, tree):
    make_tree(cli.folder / "src", {"large": make_text(20_000) * 60})
    process = cli.start("batch", "src", "--out", "out", "-3", "-j1", stderr=-1)
    wait_for(lambda: list((cli.folder / "out/.nzip-batch").glob("incomplete/*")))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert err.decode().replace(f"{cli.folder}/", "") == "nzip: out: stopped; --resume goes on from here\n"
    assert not (cli.folder / "out/.nzip-batch/incomplete").exists()
    assert batch(cli, "--resume", "--exclude", "large", "-f").code == 0
    assert archived(cli) == tree


def kill_and_resume(cli, times):
    """Kills a job at random moments; returns the number of archives that each run made."""
    source = random.Random(times)
    made = []
    for _ in range(times):
        before = archive_states(cli)
        done = {path for path, state in states(cli).items() if state == "done"} if before else set()
        process = cli.start("batch", "src", "--out", "out", *QUICK, "--resume")
        time.sleep(0.25 + source.random() * 0.6)
        process.kill()
        process.wait()
        archived(cli)  # no half files, ever
        after = archive_states(cli)
        assert all(after[path] == before[path] for path in done)  # what is done stays untouched
        made.append(sum(after[path] != before.get(path) for path in after))
    return made


@pytest.mark.parametrize("times", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_any_moment_with_archives(cli, times):
    texts = {f"{i % 7}/{i}.txt": make_text(3000, seed=i) for i in range(30 * times)}
    make_tree(cli.folder / "src", texts)
    source = random.Random(times)
    kept: dict[str, bytes] = {}
    for _ in range(times):
        process = cli.start("batch", "src", "--out", "out", "--archives", "20K", *QUICK, "--resume")
        time.sleep(0.3 + source.random() * 0.5)
        process.kill()
        process.wait()
        ledger = cli.folder / "out/.nzip-batch/ledger.sqlite"
        with (
            contextlib.suppress(sqlite3.OperationalError),
            contextlib.closing(sqlite3.connect(ledger)) as database,
        ):  # there may be none yet
            done = database.execute("SELECT id FROM archives WHERE coded IS NOT NULL").fetchall()
            now = {f"{number:05}.nza": cli.read(f"out/{number:05}.nza") for (number,) in done}
            assert kept.items() <= now.items()  # what is done stays untouched
            kept = now
        assert all(len(Archive(path)) for path in (cli.folder / "out").glob("*.nza"))  # no half files, ever
    assert batch(cli, "--archives", "20K", "--resume") == (0, b"", "")
    found = {}
    for path in sorted((cli.folder / "out").glob("*.nza")):
        with Archive(path) as archive:
            found |= {member.path: archive.read(member) for member in archive}
    assert found == texts
    assert set(states(cli).values()) == {"done"}
    numbers = [int(path.stem) for path in (cli.folder / "out").glob("*.nza")]
    assert len(numbers) <= len(texts) // 6 + 2 * times + 1


def archive_states(cli):
    out = cli.folder / "out"
    return {
        str(path.relative_to(out)).removesuffix(".nz"): (path.stat().st_ino, path.stat().st_ctime_ns)
        for path in out.rglob("*.nz")
    }


@pytest.mark.parametrize("times", [5, pytest.param(30, marks=pytest.mark.slow)])
def test_killed_at_any_moment(cli, times):
    texts = {f"{i % 7}/{i}.txt": make_text(3000, seed=i) for i in range(30 * times)}
    make_tree(cli.folder / "src", texts)
    made = kill_and_resume(cli, times)
    assert batch(cli, "--resume") == (0, b"", "")
    assert archived(cli) == texts
    assert sum(made) <= len(texts) + 2 * times  # a kill costs the two files in flight at most
    assert set(states(cli).values()) == {"done"}


def made_anew(cli, *arguments):
    """The result of a resumed job, and the archives that it made or replaced."""
    before = archive_states(cli)
    result = cli("batch", *arguments, "--resume")
    after = archive_states(cli)
    return result, {path for path in after if after[path] != before.get(path)}


def begun_with(text):
    return f"out/.nzip-batch/ledger.sqlite: the job was begun with {text}; without that it goes on, --force"


@pytest.mark.usefixtures("tree")
def test_a_job_goes_on_as_it_was_begun(cli):
    cli.ok("batch", "src", "--out", "out", "-2", "--exclude", "1?.txt")
    assert made_anew(cli, "src", "--out", "out") == ((0, b"", ""), set())
    assert made_anew(cli, "src", "--out", "out", "-2", "--exclude", "1?.txt") == ((0, b"", ""), set())
    assert len(archived(cli)) == 30
    cli.ok("report", "out", "--no-sample")
    assert "Batch job complete" in cli.read("out/.nzip-batch/report.html").decode()


@pytest.mark.usefixtures("tree")
def test_another_wish_is_told_and_taken_up_when_forced(cli):
    cli.ok("batch", "src", "--out", "out", "-2", "--exclude", "1?.txt")
    result, made = made_anew(cli, "src", "--out", "out", "-3")
    assert (result.code, made) == (1, set())
    assert begun_with("level 2, now 3") in result.err
    result, made = made_anew(cli, "src", "--out", "out", "--exclude", "2?.txt")
    assert (result.code, made) == (1, set())
    assert begun_with('exclude ["1?.txt"], now ["2?.txt"]') in result.err
    result, made = made_anew(cli, "src", "--out", "out", "--exclude", "2?.txt", "-f")
    assert (result.code, len(made)) == (0, 10)  # those that were left out
    assert 'exclude ["1?.txt"], now ["2?.txt"]; what differs is made anew' in result.err
    result, made = made_anew(cli, "src", "--out", "out", "-3", "-f")
    assert (result.code, len(made)) == (0, 30)
    assert made_anew(cli, "src", "--out", "out") == ((0, b"", ""), set())


@pytest.mark.usefixtures("tree")
def test_a_job_file_that_changed_is_told(cli):
    text = b'source = "src"\nout = "out"\nlevel = 1\n'
    cli.write("job.toml", text)
    cli.ok("batch", "job.toml", "-2")  # an option overrides the file
    assert made_anew(cli, "job.toml") == ((0, b"", ""), set())
    rule = b'[[rules]]\npatterns = ["0/*"]\nlevel = 3\n'
    cli.write("job.toml", text + rule)
    result, made = made_anew(cli, "job.toml")
    assert (result.code, made) == (1, set())
    assert begun_with('rules none, now [{"patterns": ["0/*"], "level": 3}]') in result.err
    result, made = made_anew(cli, "job.toml", "--force")
    assert (result.code, made) == (0, {f"0/{5 * number}.txt" for number in range(8)})
    assert made_anew(cli, "src", "--out", "out") == ((0, b"", ""), set())
    cli.write("job.toml", rule.replace(b"[[", b'source = "src"\nout = "out"\nlevel = 2\n[[', 1))
    assert made_anew(cli, "job.toml") == ((0, b"", ""), set())  # what the option said all along


@pytest.mark.usefixtures("tree")
def test_a_network_that_is_another_one_is_told(cli, cli_in):
    cli.write("one.nzm", network(1))
    cli.ok("batch", "src", "--out", "out", "-1", "--model", "one.nzm", "--include", "1.txt")
    (cli.folder / "elsewhere").mkdir()
    elsewhere = cli_in(cli.folder / "elsewhere")
    assert elsewhere("batch", "../src", "--out", "../out", "--resume") == (0, b"", "")
    cli.write("one.nzm", network(2))
    result, made = made_anew(cli, "src", "--out", "out")
    assert (result.code, made) == (1, set())
    assert "the job was begun with 'level 1, network " in result.err


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("archives", [(), ("--archives", "4K")])
def test_a_damaged_ledger_is_refused_and_rebuilt(cli, archives):
    cli.ok("batch", "src", "--out", "out", "-2", *archives)
    ledger = cli.folder / "out/.nzip-batch/ledger.sqlite"
    database = sqlite3.connect(ledger)
    with database:
        database.execute("DROP INDEX pending")
    database.close()
    for command in ("batch", "src", "--out", "out", "--resume"), ("report", "out"):
        result = cli(*command)
        assert (result.code, result.out) == (1, b"")
        assert result.err.replace(f"{cli.folder}/", "") == (
            "nzip: out/.nzip-batch/ledger.sqlite: cannot be used: its tables are not those of a ledger;"
            " nzip batch --rebuild sets it aside and goes on from the archives that are there\n"
        )
    (cli.folder / "src/0/0.txt").write_bytes(b"changed")
    before = {path: path.read_bytes() for path in (cli.folder / "out").rglob("*.nz*") if path.is_file()}
    result = cli("batch", "src", "--out", "out", "--rebuild", "-v")
    after = {path: path.read_bytes() for path in (cli.folder / "out").rglob("*.nz*") if path.is_file()}
    assert before.items() <= after.items()
    assert (ledger.parent / "ledger.sqlite.1").exists()
    if archives:
        assert result.code == 0
        assert len(after) == len(before) + 1
        assert set(states(cli).values()) == {"done"}
    else:  # an archive of another file: whose it is, nobody knows any more
        assert result.code == 9
        assert "0/0.txt: the archive's name is taken" in result.err
        assert len(after) == len(before)
        assert sorted(path for path, state in states(cli).items() if state != "done") == ["0/0.txt"]
    assert result.err.splitlines()[0].endswith("ledger.sqlite.1 now")
    assert made_anew(cli, "src", "--out", "out")[1] == set()


def test_archives_of_other_options_are_not_taken_over(cli, tree):
    cli.ok("batch", "src", "--out", "out", "-3", "--include", "1.txt", "--include", "2.txt")
    os.unlink(cli.folder / "out/.nzip-batch/ledger.sqlite")
    whole = cli.read("out/2/2.txt.nz")
    cli.write("out/2/2.txt.nz", whole[:-20])
    assert cli("batch", "src", "--out", "out", "-1", "--include", "1.txt").code == 9
    os.unlink(cli.folder / "out/.nzip-batch/ledger.sqlite")
    assert cli("batch", "src", "--out", "out", "-3", "--include", "[12].txt").code == 9
    assert states(cli)["1/1.txt"] == "done"
    assert states(cli)["2/2.txt"] == "failed"
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 1  # in the coded bytes, which no header speaks of
    cli.write("out/2/2.txt.nz", bytes(damaged))
    assert cli("batch", "src", "--out", "out", "--resume").code == 9
    assert cli("batch", "src", "--out", "out", "--resume", "-f").code == 0
    assert archived(cli) == {name: tree[name] for name in ("1/1.txt", "2/2.txt")}
