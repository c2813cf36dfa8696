"""nzip archive salvage restores what is intact and lists what is lost."""

from __future__ import annotations

import json
import os

import pytest
from support.samples import noise

import nzip


@pytest.fixture
def archive(cli) -> bytes:
    """x.nza of three files in a block each; its bytes."""
    (cli.folder / "t").mkdir()
    for number in range(3):
        cli.write(f"t/{number}", noise(2048, number))
    cli.ok("archive", "create", "-1", "--block-size=2K", "x.nza", "t")
    (cli.folder / "out").mkdir()
    return cli.read("x.nza")


def restored(cli):
    return {path.name: path.read_bytes() for path in (cli.folder / "out/t").iterdir()}


@pytest.mark.parametrize("command", [("list", "x.nza"), ("extract", "x.nza", "-C", "out"), ("test", "x.nza")])
@pytest.mark.parametrize("missing", ["head", "tail"])
def test_the_other_commands_name_it(cli, archive, command, missing):
    cli.write("x.nza", archive[50:] if missing == "head" else archive[:-50])
    result = cli("archive", *command)
    assert result.code in (3, 4)
    assert result.err.endswith("; nzip archive salvage restores what is intact\n")
    assert result.err.count("\n") == 1


def test_what_never_was_an_archive_is_not_sent_there(cli):
    cli.write("x.nza", b"text")
    result = cli("archive", "list", "x.nza")
    assert (result.code, result.err) == (4, "nzip: x.nza: not nzip data\n")
    result = cli("archive", "salvage", "x.nza")
    assert result.code == 4
    assert "holds no names of members" in result.err


def test_without_its_end(cli, archive):
    cli.write("x.nza", archive[:-100])
    result = cli("archive", "salvage", "x.nza", "-C", "out")
    assert result.code == 2
    assert "table of members is lost" in result.err
    assert restored(cli) == {str(number): noise(2048, number) for number in range(3)}


def test_a_lost_member_is_named(cli, archive):
    damaged = bytearray(archive)
    block = nzip.info(cli.folder / "x.nza").streams[0].blocks[1]
    damaged[block.offset + 100] ^= 1
    cli.write("x.nza", bytes(damaged))
    result = cli("archive", "salvage", "--json", "x.nza", "-C", "out")
    assert result.code == 2
    assert result.err == "nzip: t/1: is lost: a block is damaged: its checksum does not match\n"
    found = json.loads(result.out)
    assert (found["members"], found["restored"], found["lost"]) == (4, 3, ["t/1"])
    assert restored(cli).keys() == {"0", "2"}


@pytest.mark.usefixtures("archive")
def test_an_intact_archive_loses_nothing(cli):
    cli.ok("archive", "salvage", "x.nza", "-C", "out")
    assert len(restored(cli)) == 3
    assert cli("archive", "salvage", "x.nza", "t/1", "-C", "out").code == 1  # exists
    cli.ok("archive", "salvage", "-f", "x.nza", "t/1", "-C", "out")


def test_options_are_those_of_extract(cli, archive):
    cli.write("x.nza", archive[:-100])
    (cli.folder / "out/t").mkdir()
    cli.write("out/t/1", b"mine")
    result = cli("archive", "salvage", "--skip-existing", "--no-sparse", "x.nza", "-C", "out")
    assert result.code == 2
    assert "exists" not in result.err
    assert restored(cli) == {"0": noise(2048, 0), "1": b"mine", "2": noise(2048, 2)}
    assert cli("archive", "salvage", "--max-output", "100", "-f", "x.nza", "-C", "out").code == 7
    result = cli("archive", "salvage", "-f", "--skip-existing", "x.nza")
    assert result.code == 64
    assert "exclude each other" in result.err


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="needs extended attributes")
def test_owners_and_attributes(cli):
    cli.write("a", noise(2048))
    os.setxattr(cli.folder / "a", "user.note", b"kept")
    cli.ok("archive", "create", "-1", "--owner", "--xattrs", "x.nza", "a")
    owner = ["--owner"] if os.geteuid() == 0 else []
    cli.ok("archive", "salvage", "--xattrs", *owner, "x.nza", "-C", "out")
    assert os.getxattr(cli.folder / "out/a", "user.note") == b"kept"
