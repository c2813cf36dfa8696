"""nzip estimate: what is predicted, and for which files."""

from __future__ import annotations

import json
import os

from nzip.levels import LEVELS


def rows(out: bytes) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_file_and_a_folder(cli, text):
    cli.write("a", text)
    (cli.folder / "folder" / "inner").mkdir(parents=True)
    cli.write("folder/inner/b", text[::-1])
    os.symlink("b", cli.folder / "folder" / "inner" / "link")
    found = rows(cli.ok("estimate", "--json", "--prime=none", "a", "folder").out)
    assert [row["level"] for row in found] == list(LEVELS)
    cli.ok("c", "-1", "--prime=none", "a", "folder/inner/b")
    expected = len(cli.read("a.nz")) + len(cli.read("folder/inner/b.nz"))
    assert abs(found[0]["coded_bytes"] - expected) <= 2
    for row in found:
        assert (row["files"], row["plain_bytes"], row["best"]) == (2, 2 * len(text), False)
        assert row["seconds"] > 0


def test_the_table_and_the_budget(cli, text):
    cli.write("a", text)
    lines = (
        cli.ok("estimate", "--model=none", "--prime=none", "--budget=1h30m", "a").out.decode().splitlines()
    )
    assert lines[0].split() == ["level", "compressed", "ratio", "time", "speed"]
    assert [line.split()[0] for line in lines[1:-1]] == [f"-{level}" for level in LEVELS]
    (best,) = [line for line in lines if "within the budget" in line]
    assert best.split()[0] in ("-7", "-8", "-9")
    assert lines[-1] == "files: 1, 4.88 KiB"


def test_no_level_is_fast_enough(cli, text):
    cli.write("a", text)
    result = cli("estimate", "--model=none", "--prime=none", "--budget=0s", "a")
    assert (result.code, result.err) == (2, "nzip: --budget: no level is so fast\n")


def test_what_cannot_be_read_is_named(cli, text):
    cli.write("a", text)
    result = cli("estimate", "--model=none", "--prime=none", "missing", "a", "/dev/null")
    assert result.err.splitlines() == [
        "nzip: missing: No such file or directory",
        "nzip: /dev/null: is neither a file nor a folder",
    ]
    assert result.code == 1
    assert b"files: 1," in result.out


def test_nothing_to_compress(cli):
    (cli.folder / "empty").mkdir()
    assert b"files: 0, 0 B" in cli.ok("estimate", "empty").out


def test_a_model_that_is_not_there(cli, text):
    cli.write("a", text)
    assert cli("estimate", "--model=nothing", "a").code == 8


def test_times_that_are_none(cli):
    for time in "", "2", "2x", "1m2h", "-1h":
        assert cli("estimate", f"--budget={time}", "a").code == 64
