"""--ref, in both directions."""

import json

import pytest
from support.samples import noise

OLD = noise(3000) + b"The same old words, as they stand in the reference.\n" * 30
NEW = OLD[:2000] + b"new" + OLD[2000:]


@pytest.fixture
def packed(cli):
    cli.write("old", OLD)
    cli.write("new", NEW)
    cli.ok("c", "-1", "--ref", "old", "--rm", "new")
    return cli


def test_there_and_back(packed):
    assert len(packed.read("new.nz")) < 400
    packed.ok("t", "--ref", "old", "new.nz")
    packed.ok("d", "--ref", "old", "new.nz")
    assert packed.read("new") == NEW


def test_without_the_reference_or_with_another(packed):
    packed.write("other", NEW)
    for command in "d", "t":
        result = packed(command, "new.nz")
        assert result.code == 8
        assert result.err.startswith("nzip: new.nz: reference sha256:")
        assert result.err.endswith(f"({len(OLD)} bytes) is not here; --ref takes the file\n")
        result = packed(command, "--ref", "other", "new.nz")
        assert result.code == 8
        assert result.err.endswith("other is another file\n")
        assert result.err.count("\n") == 1
    assert packed.names() == ["new.nz", "old", "other"]


def test_listing(packed):
    assert f"of {len(OLD)} bytes".encode() in packed.ok("l", "-v", "new.nz").out
    record = json.loads(packed.ok("l", "--json", "new.nz").out)
    (expert,) = record["streams"][0]["blocks"][0]["experts"]
    assert expert["kind"] == 2
    assert expert["model"].startswith("sha256:")


def test_salvage(packed):
    assert packed("d", "--salvage", "new.nz").code == 8
    assert packed.names() == ["new.nz", "old"]
    packed.ok("d", "--salvage", "--ref", "old", "new.nz")
    assert packed.read("new") == NEW


@pytest.mark.parametrize("command", ["c", "d", "t"])
def test_a_reference_that_cannot_be_read(cli, command):
    cli.write("file", NEW)
    cli.ok("c", "-1", "file")
    for name, reason in ("missing", "No such file or directory"), (".", "is not a regular file, as a"):
        result = cli(command, "--ref", name, "file" if command == "c" else "file.nz")
        assert result.code == 1
        assert reason in result.err
        assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        (("-M", "1M"), 7, "--ref: needs "),
        (("--model", "nobody"), 8, "--model: model 'nobody' is not known"),
    ],
)
def test_the_option_that_is_to_blame_is_named(cli, options, code, reason):
    cli.write("old", bytes(3_000_000))
    cli.write("file", NEW)
    result = cli("c", "-1", "--ref", "old", *options, "file")
    assert result.code == code
    assert result.err.startswith(f"nzip: {reason}")
