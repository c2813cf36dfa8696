"""--device: where networks are evaluated."""

from __future__ import annotations

import model_files
import pytest
from samples import words

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


@pytest.mark.parametrize("command", ["c", "d", "t"])
def test_a_name_that_is_none(models, command):
    result = models(command, "plain", "--device", "gpu")
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
