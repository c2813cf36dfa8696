"""--device: where networks are evaluated."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support import model_files
from support.samples import words

PLAIN = words(2500)
FAST = ("-1", "--prime", "none", "--model", "./small.nzm", "--block-size", "1000", "--lanes", "50")


@pytest.fixture
def models(cli, monkeypatch):
    monkeypatch.setenv("NZIP_MODELS", str(cli.folder))
    cli.write("small.nzm", model_files.network())
    cli.write("plain", PLAIN)
    return cli


def test_both_ways(models):
    pytest.importorskip("torch", reason="--device torch:cpu needs it")
    models.ok("c", *FAST, "plain")
    models.ok("c", *FAST, "plain", "-o", "other.nz", "--device", "torch:cpu", "--verify")
    assert models.read("other.nz") == models.read("plain.nz")
    models.ok("t", "plain.nz", "--device", "torch:cpu")
    assert models.ok("d", "-c", "plain.nz", "--device", "torch:cpu").out == PLAIN


def test_archives(models):
    pytest.importorskip("torch", reason="--device torch:cpu needs it")
    models.ok("archive", "create", "one.nza", "plain", *FAST)
    models.ok("archive", "create", "two.nza", "plain", *FAST, "--device", "torch:cpu")
    assert models.read("two.nza") == models.read("one.nza")
    models.write("more", PLAIN[1000:])
    models.ok("archive", "append", "two.nza", "more", *FAST, "--device", "torch:cpu")
    models.ok("archive", "test", "two.nza", "--device", "torch:cpu")
    models.ok("archive", "extract", "two.nza", "-f", "--device", "torch:cpu")
    assert (models.read("plain"), models.read("more")) == (PLAIN, PLAIN[1000:])


def test_salvage(models):
    pytest.importorskip("torch", reason="--device torch:cpu needs it")
    models.ok("c", *FAST, "plain")
    damaged = bytearray(models.read("plain.nz"))
    damaged[len(damaged) // 2] ^= 1
    models.write("damaged.nz", bytes(damaged))
    results = [
        models("d", "--salvage", "damaged.nz", "-c", *device) for device in ((), ("--device", "torch:cpu"))
    ]
    assert results[0] == results[1]
    assert results[0].code == 2


def test_batch(models):
    pytest.importorskip("torch", reason="--device torch:cpu needs it")
    (models.folder / "in").mkdir()
    models.write("in/plain", PLAIN)
    job = """source = "in"\nout = "out"\nmodel = "./small.nzm"\nprime = "none"\nlevel = 1
block_size = 1000\nlanes = 50\n"""
    models.write("job.toml", (job + 'device = "torch:cpu"').encode())
    models.ok("batch", "job.toml")
    models.write("other.toml", job.encode())
    models.ok("batch", "other.toml", "--out", "other")
    assert models.read("out/plain.nz") == models.read("other/plain.nz")
    result = models("batch", "job.toml", "--out", "third", "--engine", "ray")
    assert result.code == 64
    assert "a device is for the engine local" in result.err


def test_a_device_that_is_lost(models):
    """One line tells it, and the exit code."""
    pytest.importorskip("torch", reason="--device torch:cpu needs it")
    models.ok("c", *FAST, "plain")
    program = "from nzip import cli; from nzip.models import torch_server as server;"
    command = [*FAST, "plain", "-c", "--device", "torch:cpu"]
    result = subprocess.run(
        [sys.executable, "-c", f"{program} server._PROGRAM = 'raise SystemExit'; cli.main()", "c", *command],
        cwd=models.folder,
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (2, models.read("plain.nz"))
    reason = b"device cpu is lost, all goes on without it: its process has ended"
    assert result.stderr == b"nzip: --device: " + reason + b"\n"


COMMANDS = [
    ["c", "plain"],
    ["d", "plain"],
    ["d", "--salvage", "plain"],
    ["t", "plain"],
    ["estimate", "plain"],
    ["batch", ".", "--out", "out"],
    ["archive", "create", "new.nza", "plain"],
    ["archive", "append", "plain", "plain"],
    ["archive", "extract", "plain"],
    ["archive", "test", "plain"],
    ["archive", "verify", "plain", "."],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_name_that_is_none(models, command):
    result = models(*command, "--device", "gpu")
    assert (result.code, result.out) == (64, b"")
    assert "device 'gpu' is not one of cpu, torch:cpu, cuda, cuda:0,1, auto (try nzip" in result.err
    assert result.err.count("\n") == 1


def test_a_gpu_that_is_not_here(models):
    pytest.importorskip("torch", reason="without it, no device is known")
    result = models("c", "plain", "--device", "cuda:999")
    assert result.code == 1
    assert result.err.startswith("nzip: --device: device cuda:999 is not here; torch sees ")
    assert models.names() == ["plain", "small.nzm"]


def test_whatever_is_here(models):
    models.ok("c", *FAST, "plain", "--device", "auto")
    assert models.ok("d", "-c", "plain.nz").out == PLAIN
