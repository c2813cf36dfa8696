"""nzip repair restores what --recovery protects, and the other commands say when it can."""

from __future__ import annotations

import json

import pytest
from support.recovery_parts import parts_of
from support.samples import noise

import nzip


@pytest.fixture
def packed(cli) -> bytes:
    """a.nz, of 20,000 bytes and recovery records."""
    cli.write("a", noise(20_000))
    cli.ok("c", "-1", "--recovery", "5%", "a")
    return cli.read("a.nz")


def damage(cli, data: bytes, name: str = "a.nz", size: int = 500) -> None:
    cli.write(name, data[:5000] + bytes(size) + data[5000 + size :])


def test_a_damaged_file(cli, packed):
    damage(cli, packed)
    for command in ("t",), ("d", "-f"):
        result = cli(*command, "a.nz")
        assert result.code == 5
        assert result.err.endswith("; nzip repair may restore it\n")
    cli.ok("repair", "a.nz")
    assert cli.read("a.repaired.nz") == packed
    assert cli.read("a.nz") != packed
    assert cli("repair", "a.nz").code == 1  # it exists
    result = cli.ok("repair", "--json", "-f", "a.nz", "-o", "b.nz")
    found = json.loads(result.out)
    assert (found["output"], found["lost_slices"]) == ("b.nz", 0)
    assert found["damaged_slices"] > 0
    assert cli.read("b.nz") == packed


def test_of_an_intact_file_nothing_is_written(cli, packed):
    assert cli("repair", "-v", "a.nz").err.startswith("nzip: a.nz: intact, ")
    assert cli.names() == ["a", "a.nz"]
    assert cli.read("a.nz") == packed


def test_several_files_into_a_folder(cli, packed):
    (cli.folder / "out").mkdir()
    damage(cli, packed, "b.nz")
    cli.write("c.nz", packed[:-10])
    cli.ok("repair", "a.nz", "b.nz", "c.nz", "-o", "out")
    assert cli.read("out/b.nz") == cli.read("out/c.nz") == packed
    assert not (cli.folder / "out/a.nz").exists()
    assert cli("repair", "a.nz", "b.nz", "-o", "x").code == 64


def test_what_is_beyond_repair(cli, packed):
    damage(cli, packed, size=8000)
    result = cli("repair", "a.nz")
    assert result.code == 5
    assert "is damaged beyond repair" in result.err
    assert cli.names() == ["a", "a.nz"]


def test_a_part_is_restored(cli):
    cli.write("a", noise(5_000_000))
    cli.ok("c", "-1", "--recovery=1%", "a")
    packed = cli.read("a.nz")
    geometry = _geometry(packed)
    damaged = bytearray(packed)
    for column in range(10):
        damaged[column * geometry.rows * geometry.slice_size + 3] ^= 1
    damaged[geometry.slice_size + 3] ^= 1
    cli.write("a.nz", bytes(damaged))
    result = cli("repair", "a.nz")
    told = "10 slices could not be restored; all else is in a.repaired.nz"
    assert (result.code, result.err) == (2, f"nzip: a.nz: {told}\n")


def _geometry(packed: bytes):

    return parts_of(packed)[0].geometry


def test_files_without_recovery_records(cli):
    cli.write("a.nz", nzip.compress(b"x", 1))
    cli.write("b.nz", b"text")
    result = cli("repair", "a.nz", "b.nz")
    assert result.code == 4
    assert result.err.count("has no recovery records; --salvage restores what is intact\n") == 2


def test_archives(cli):
    (cli.folder / "t").mkdir()
    cli.write("t/one", noise(9000))
    cli.ok("archive", "create", "-1", "--recovery", "5", "x.nza", "t")
    packed = cli.read("x.nza")
    cli.write("x.nza", packed[:-80])
    result = cli("archive", "list", "x.nza")
    assert result.code == 3
    assert "nzip repair may restore it" in result.err
    cli.ok("repair", "x.nza")
    assert cli.read("x.repaired.nza") == packed
    assert b"recovery 5." in cli.ok("l", "-v", "x.repaired.nza").out
    cli.ok("archive", "test", "x.repaired.nza")


def test_damaged_members_of_archives(cli):
    (cli.folder / "t").mkdir()
    cli.write("t/one", noise(9000))
    cli.ok("archive", "create", "-1", "--recovery", "5", "x.nza", "t")
    packed = bytearray(cli.read("x.nza"))
    packed[3000] ^= 1
    cli.write("x.nza", bytes(packed))
    for command in ("test", "x.nza"), ("extract", "x.nza", "-C", "out"):
        result = cli("archive", *command)
        assert result.code == 5
        assert result.err.endswith("\nnzip: x.nza: nzip repair may restore what is damaged\n")


@pytest.mark.parametrize("share", ["0", "-1%", "101%", "x", "%", "nan"])
def test_shares_that_make_no_sense(cli, share):
    result = cli("c", f"--recovery={share}", "a")
    assert result.code == 64
    assert "is no share such as 5%" in result.err
