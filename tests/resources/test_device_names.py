"""The names of devices, and devices that are not here."""

from __future__ import annotations

import sys

import pytest

from nzip.errors import NzipError
from nzip.pipeline import EncodeOptions
from nzip.resources.devices import find_devices


def test_without_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert find_devices("cpu") == find_devices("auto") == ()
    for name in "torch:cpu", "cuda", "cuda:0,1":
        with pytest.raises(NzipError, match=rf"device {name} needs torch: pip install 'nzip\[gpu\]'"):
            find_devices(name)


@pytest.mark.parametrize(
    "name", ["", "gpu", "cuda:", "cuda:a", "cuda:0,", "cuda:-1", "cuda:1000", "torch", "CPU"]
)
def test_no_device(name):
    with pytest.raises(ValueError, match="is not one of cpu, torch:cpu"):
        EncodeOptions(device=name)


def test_known_names(monkeypatch):
    torch = pytest.importorskip("torch", reason="without it, no device is known")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    assert find_devices("torch:cpu") == ("cpu",)
    assert find_devices("cuda") == ("cuda:0",)
    assert find_devices("cuda:2,0,2") == ("cuda:0", "cuda:2")
    assert find_devices("auto") == ("cuda:0", "cuda:1", "cuda:2")


def test_a_gpu_that_is_not_here():
    torch = pytest.importorskip("torch", reason="without it, no device is known")
    with pytest.raises(NzipError, match=r"device cuda:999 is not here; torch sees \d+"):
        find_devices("cuda:0,999" if torch.cuda.is_available() else "cuda:999")
