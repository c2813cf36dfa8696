"""What is asked of a machine is told, and can be limited."""

from __future__ import annotations

import json
import re

import pytest
from support.hostile import NETWORK, file_of, long_block


@pytest.fixture
def long(cli):
    path = cli.write("long.nz", file_of(long_block(35, experts=(NETWORK,))))
    assert path.stat().st_size < 6000
    return "long.nz"


@pytest.mark.parametrize("command", [("d",), ("d", "-c"), ("d", "--salvage"), ("t",)])
def test_the_output_is_limited(cli, long, command):
    result = cli(*command, "--max-output", "512M", long)
    assert (result.code, result.out) == (7, b"")
    assert result.err == "nzip: long.nz: holds 1.00 GiB or more, 512 MiB are allowed (see --max-output)\n"
    assert sorted(path.name for path in cli.folder.iterdir()) == ["long.nz"]


def test_an_archive_is_limited(cli, text):
    cli.write("a", text)
    cli.ok("archive", "create", "-1", "a.nza", "a")
    cli.folder.joinpath("a").unlink()
    result = cli("archive", "extract", "--max-output", "4K", "a.nza")
    assert result.code == 7
    assert "--max-output" in result.err
    cli.ok("archive", "extract", "--max-output", "5000", "a.nza")


def test_the_cost_is_listed(cli, long):
    out = cli.ok("l", "-v", long).out.decode()
    assert "  0.0 %" in out
    assert re.search(r"to restore: about 5 h, 2\.\d\d GiB of memory\n", out)


def test_listing_is_limited(cli):
    import nzip

    cli.write("many.nz", nzip.compress(b"x", 1) * 5000)
    out = cli.ok("l", "many.nz").out.decode()
    assert "  5000  many.nz" in out
    for more in "-v", "--json":
        result = cli("l", more, "-M", "1M", "many.nz")
        assert result.code == 7
        assert "needs" in result.err
    assert json.loads(cli("l", "--json", "-M", "1M", "many.nz").out)["exit_code"] == 7


@pytest.mark.parametrize("command", [("d",), ("d", "-c"), ("d", "--salvage"), ("t",)])
def test_the_time_is_limited(cli, long, command):
    result = cli(*command, "--max-time", "1h30m", long)
    assert (result.code, result.out) == (7, b"")
    assert re.fullmatch(
        r"nzip: long\.nz: takes \dh \d\dm or more, 1h 30m are allowed \(see --max-time\)\n", result.err
    )
    assert sorted(path.name for path in cli.folder.iterdir()) == ["long.nz"]


def test_an_archive_is_limited_in_time(cli, text):
    cli.write("a", text * 40)
    cli.ok("archive", "create", "-8", "--model", "none", "a.nza", "a")
    for command in ("extract", "-f"), ("test",), ("salvage", "-f"):
        result = cli("archive", *command, "--max-time", "1s", "a.nza")
        assert result.code == 7, command
        assert "--max-time" in result.err


def test_a_time_is_written_so(cli, long):
    for wrong in "5", "1.5h", "":
        assert cli("d", "--max-time", wrong, long).code == 64
