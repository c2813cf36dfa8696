"""What an ordinary user may not read, enter or write: one line each, and all else is done."""

from __future__ import annotations

import json
from functools import partial

import pytest

import nzip

DENIED = "Permission denied"


@pytest.fixture
def user(cli, powerless):
    """The command as an ordinary user runs it."""
    return partial(cli, preexec_fn=powerless)


@pytest.fixture
def files(cli, text):
    """A file and an archive that can be read, and one of each that cannot."""
    for name, data in ("good", text), ("good.nz", nzip.compress(text)), ("good.nza", None), ("bad", text):
        if data is None:
            cli.ok("archive", "create", "-1", name, "good")
        else:
            cli.write(name, data)
    for name in ("bad.nz", "bad.nza"):
        cli.write(name, cli.read("good.nz"))
    for name in ("bad", "bad.nz", "bad.nza"):
        (cli.folder / name).chmod(0)
    return cli.folder


@pytest.mark.parametrize(
    ("arguments", "bad"),
    [
        ("c -f bad good", "bad"),
        ("d -f bad.nz good.nz", "bad.nz"),
        ("d -c --salvage bad.nz good.nz", "bad.nz"),
        ("t bad.nz good.nz", "bad.nz"),
        ("l bad.nz good.nz", "bad.nz"),
        ("archive create -1 new.nza bad good", "bad"),
        ("archive append -1 good.nza bad good", "bad"),
        ("archive test bad.nza good.nza", "bad.nza"),
        ("models add bad", "bad"),
        ("bench --sizes-only --levels 1 bad good", "bad"),
        ("bench --csv --levels 1 --peers none bad good", "bad"),
        ("train -1 bad good -o new.nzp", "bad"),
    ],
)
def test_a_file_that_cannot_be_read_stops_no_other(user, files, arguments, bad):
    result = user(*arguments.split())
    assert (result.code, result.err) == (1, f"nzip: {bad}: {DENIED}\n")
    others = {
        "c": lambda: nzip.decompress((files / "good.nz").read_bytes()) == (files / "good").read_bytes(),
        "train": lambda: (files / "new.nzp").exists(),
        "bench": lambda: b"good" in result.out,
        "l": lambda: b"good.nz" in result.out,
    }
    command = arguments.split()[0]
    assert others.get(command, lambda: True)()
    assert b"bad" not in result.out


def test_samples_that_cannot_be_read_are_told_of(cli, user, text):
    (cli.folder / "folder").mkdir()
    for name in "good", "bad":
        cli.write(f"folder/{name}", text)
    (cli.folder / "folder" / "bad").chmod(0)
    result = user("estimate", "--json", "folder")
    assert (result.code, result.err) == (1, f"nzip: folder/bad: {DENIED}\n")
    assert {json.loads(line).get("files", 1) for line in result.out.splitlines()} == {1}


def test_a_picture_that_cannot_be_drawn_is_told_before_the_work(cli, user, text):
    pytest.importorskip("matplotlib")
    cli.write("a", text)
    cli.write("old.png", b"precious")
    (cli.folder / "locked").mkdir(mode=0o500)
    for name, code, message in [
        ("locked/x.png", 1, DENIED),
        ("old.png", 1, "exists; -f replaces it"),
        ("x.txt", 64, None),
    ]:
        result = user("bench", "--levels", "1", "--peers", "none", "--plot", name, "a")
        assert (result.code, result.out) == (code, b"")
        if message:
            assert result.err == f"nzip: {name}: {message}\n"
    assert cli.read("old.png") == b"precious"


def test_a_source_that_cannot_be_removed(cli, user, text):
    (cli.folder / "locked").mkdir()
    cli.write("locked/a", text)
    (cli.folder / "locked").chmod(0o500)
    result = user("c", "-1", "--rm", "locked/a", "-o", "a.nz")
    message = "is in a.nz now, but cannot be removed: Permission denied"
    assert (result.code, result.err) == (1, f"nzip: locked/a: {message}\n")
    assert nzip.decompress(cli.read("a.nz")) == text
