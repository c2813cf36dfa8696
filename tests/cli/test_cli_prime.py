"""--prime, in both directions."""

import pytest

TEXT = b"The same old words, as they stand in the prime.\n" * 30


@pytest.fixture
def primed(cli):
    cli.write("prime", TEXT)
    cli.write("file", TEXT)
    cli.ok("c", "--prime", "prime", "--rm", "file")
    return cli


def test_a_prime_of_ones_own(primed):
    assert len(primed.read("file.nz")) < 200
    for command in "d", "t":
        result = primed(command, "file.nz")
        assert result.code == 8
        assert "file.nz: prime sha256:" in result.err
        assert result.err.endswith("is not here; --prime takes the file that it was made from\n")
    primed.ok("t", "--prime", "prime", "file.nz")
    primed.ok("d", "--prime", "prime", "file.nz")
    assert primed.read("file") == TEXT


def test_salvage_with_a_prime(primed):
    assert b"prime" in primed.ok("l", "-v", "file.nz").out
    assert primed("d", "--salvage", "file.nz").code == 8
    primed.ok("d", "--salvage", "--prime", "prime", "file.nz")
    assert primed.read("file") == TEXT


def test_the_shipped_prime_needs_no_option(cli):
    cli.write("file", TEXT)
    cli.ok("c", "-5", "file")
    assert b"prime 1" in cli.ok("l", "-v", "file.nz").out
    cli.ok("c", "-5", "--prime", "none", "-o", "none.nz", "file")
    assert b"prime" not in cli.ok("l", "-v", "none.nz").out.replace(b"prime.nz", b"")
    cli.ok("d", "-f", "file.nz")
    cli.ok("t", "file.nz", "none.nz")


@pytest.mark.parametrize("command", ["c", "d", "t"])
def test_a_prime_that_is_not_there(cli, command):
    cli.write("file", TEXT)
    cli.ok("c", "-1", "file")
    result = cli(command, "--prime", "missing", "file" if command == "c" else "file.nz")
    assert result.code == 1
    assert result.err == "nzip: missing: No such file or directory\n"
