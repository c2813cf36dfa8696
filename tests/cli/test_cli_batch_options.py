"""Options of nzip batch that it has in common with nzip c."""

from __future__ import annotations

import os

import pytest
from support.cli_batches import archived, batch
from support.samples import make_text
from support.trees import make_tree

import nzip


@pytest.fixture
def tree(cli):
    """Files in src, by their paths."""
    texts = {f"{i % 5}/{i}.txt": make_text(200 + 40 * i, seed=i) for i in range(40)}
    make_tree(cli.folder / "src", texts)
    return texts


def test_recovery_records(cli, tree):
    assert batch(cli, "--recovery", "2.5%") == (0, b"", "")
    path = cli.folder / "out/1/1.txt.nz"
    assert nzip.info(path).streams[0].recovery >= 2.5
    assert batch(cli, "--resume") == (0, b"", "")
    cli.write("job.toml", b'source = "src"\nout = "out"\nlevel = 1\nrecovery = "5%"\n')
    result = cli("batch", "job.toml", "--resume")
    assert result.code == 1
    assert "begun with recovery 2.5, now 5;" in result.err
    cli.write("job.toml", b'source = "src"\nout = "out"\nlevel = 1\nrecovery = 5\n')
    assert cli("batch", "job.toml", "--resume", "-f").code == 0
    assert nzip.info(path).streams[0].recovery >= 5
    for wrong in '"much"', "true", "101", "1" + 400 * "0":
        cli.write("wrong.toml", b'source = "src"\nout = "new"\nrecovery = ' + wrong.encode())
        result = cli("batch", "wrong.toml")
        assert result.code == 64
        assert "recovery" in result.err
    assert batch(cli, "--recovery", "0%").code == 64
    assert archived(cli) == tree


def test_a_reference(cli, tree):
    old = b"".join(tree.values())
    cli.write("old", old)
    assert batch(cli, "--ref", "old") == (0, b"", "")
    path = cli.folder / "out/1/1.txt.nz"
    assert nzip.decompress(path.read_bytes(), ref=str(cli.folder / "old")) == tree["1/1.txt"]
    assert b"reference" in cli.ok("l", "-v", str(path)).out
    assert batch(cli, "--resume") == (0, b"", "")
    os.remove(cli.folder / "out/.nzip-batch/ledger.sqlite")
    before = path.stat().st_mtime_ns
    assert batch(cli, "--rebuild", "--ref", "old") == (0, b"", "")  # what is there is recognised
    assert path.stat().st_mtime_ns == before
    cli.write("old", old[::-1])
    result = batch(cli, "--resume")
    assert result.code == 1
    assert "reference sha256:" in result.err
    for option, reason in (("--archives", "1M"), "each"), (("--engine", "ray"), "engine local"):
        result = cli("batch", "src", "--out", "new", "--ref", "old", *option)
        assert result.code == 64
        assert reason in result.err


@pytest.mark.parametrize("option", ["--model-threads", "--gpu-layers"])
def test_options_of_language_models_are_part_of_the_setting(cli, option):
    (cli.folder / "src").mkdir()
    assert batch(cli, option, "2").code == 0
    result = batch(cli, option, "3", "--resume")
    assert result.code == 1
    assert f"begun with {option[2:].replace('-', ' ')} 2, now 3;" in result.err
