"""nzip train: primes and networks of one's own."""

from __future__ import annotations

import importlib.util
import json
import os
import random

import pytest

TORCH = importlib.util.find_spec("torch") and importlib.util.find_spec("safetensors")


def record(seed: int) -> bytes:
    source = random.Random(seed)
    values = {"id": source.randrange(10**6), "name": source.choice(["Ada", "Grace", "Alan"]), "paid": True}
    return json.dumps(values | {"currency": "EUR", "address": {"street": "Lane", "zip": seed}}).encode()


@pytest.fixture
def samples(cli):
    """A folder of records, and a file of one more."""
    folder = cli.folder / "samples" / "inner"
    folder.mkdir(parents=True)
    for seed in range(40):
        (folder / f"{seed}.json").write_bytes(record(seed))
    os.symlink("0.json", folder / "link")
    cli.write("file", record(100))
    return cli


def test_a_prime_of_ones_own(samples):
    samples.ok("train", "-1", "samples", "-o", "my.nzp")
    samples.ok("c", "-1", "-o", "without.nz", "file")
    samples.ok("c", "-1", "--prime", "my.nzp", "--rm", "file")
    assert len(samples.read("file.nz")) < 0.7 * len(samples.read("without.nz"))
    listing = samples.ok("l", "-v", "file.nz").out
    assert b"profile sha256:" in listing
    assert b"prime" not in listing

    result = samples("d", "file.nz")
    assert (result.code, result.err.count("\n")) == (8, 1)
    assert result.err.startswith("nzip: file.nz: profile sha256:")
    samples.ok("train", "-1", "samples/inner/1.json", "-o", "other.nzp")
    assert samples("d", "--prime", "other.nzp", "file.nz").code == 8

    samples.ok("d", "--prime", "my.nzp", "file.nz")
    assert samples.read("file") == record(100)
    home = {**os.environ, "XDG_DATA_HOME": str(samples.folder / "data")}
    samples.ok("models", "add", "my.nzp", env=home)
    samples.ok("t", "file.nz", env=home)


def test_the_same_samples_give_the_same_file(samples):
    samples.ok("train", "-1", "samples", "-o", "one.nzp")
    result = samples.ok("train", "-1", "samples/inner", "--json", "-o", "two.nzp")
    assert samples.read("one.nzp") == samples.read("two.nzp")
    assert json.loads(result.out) == {"file": "two.nzp", "bytes": len(samples.read("two.nzp")), "samples": 40}


def test_at_another_level_the_text_serves(samples):
    samples.ok("train", "-1", "samples", "-o", "my.nzp")
    samples.ok("c", "-3", "--prime", "my.nzp", "--rm", "file")
    assert b"prime sha256:" in samples.ok("l", "-v", "file.nz").out
    assert samples("t", "file.nz").code == 8
    samples.ok("d", "--prime", "my.nzp", "file.nz")


def test_what_is_no_prime(samples):
    samples.ok("train", "-1", "samples", "-o", "my.nzp")
    samples.write("cut.nzp", samples.read("my.nzp")[:1000])
    for name in "cut.nzp", samples.ok("models", "path", "fast").out.decode().strip():
        for arguments in ("c", "--prime", name, "file"), ("d", "--prime", name, "file.nz"):
            result = samples(*arguments)
            assert (result.code, result.err.count("\n")) == (8, 1)
            assert result.err.startswith(f"nzip: {name}: a profile ")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["samples", "-o", "my.txt"], 64, "ends in .nzp"),
        (["-o", "my.nzp"], 64, "SAMPLE"),
        (["missing", "-o", "my.nzp"], 1, "missing: No such file"),
        (["/dev/null", "-o", "my.nzp"], 1, "/dev/null: is neither"),
        (["empty", "-o", "my.nzp"], 8, "my.nzp: is not made, for the samples are empty"),
        (["samples", "-o", "file.nzp"], 1, "file.nzp: exists"),
        (["samples", "-o", "my.nzp", "--model", "default"], 64, "--model is for networks"),
        (["samples", "-o", "none/my.nzp"], 1, "none/my.nzp: No such file"),
    ],
)
def test_nothing_is_left_behind(samples, arguments, code, message):
    (samples.folder / "empty").mkdir()
    samples.write("file.nzp", b"")
    before = samples.names()
    result = samples("train", *arguments)
    assert result.code == code
    assert message in result.err
    assert result.err.count("\n") == 1
    assert samples.names() == before


@pytest.mark.skipif(bool(TORCH), reason="torch is here")
def test_a_network_needs_torch(samples):
    result = samples("train", "samples", "-o", "my.nzm")
    assert result.code == 64
    assert "pip install 'nzip[train]'" in result.err
    assert result.err.count("\n") == 1
    assert "my.nzm" not in samples.names()


@pytest.mark.skipif(not TORCH, reason="nzip[train] is not installed")
def test_a_network_of_ones_own(samples, tmp_path):
    from support import model_files

    samples.write("start.nzm", model_files.network(architecture="glr2"))
    result = samples.ok("train", "samples", "-o", "my.nzm", "--model", "./start.nzm", "--passes", "1")
    assert result.out == b""
    samples.ok("c", "-1", "--model", "./my.nzm", "--rm", "file")
    assert samples("t", "file.nz").code == 8
    home = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")}
    samples.ok("models", "add", "my.nzm", env=home)
    samples.ok("d", "file.nz", env=home)
    assert samples.read("file") == record(100)
    assert samples("train", "samples", "-o", "no.nzm", "--model", "none").code == 64
    samples.write("other.nzm", model_files.network())
    refused = samples("train", "samples", "-o", "no.nzm", "--model", "./other.nzm")
    assert (refused.code, refused.err) == (8, "nzip: no.nzm: the model has 1 layers of 32 channels of glr1\n")
