"""Networks evaluated outside of the engines: the same bytes, whatever the device, and what can go wrong."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import model_files
import pytest
from samples import bitmap, make_text, noise, words

import nzip
from nzip import _native
from nzip.errors import NzipChecksumError, NzipError
from nzip.pipeline import EncodeOptions, compress_stream, devices, memory_needed
from nzip.pipeline import options as options_module

torch = pytest.importorskip("torch", reason="these tests evaluate networks in torch")
from nzip.models import torch_server  # noqa: E402

DEVICES = [
    "torch:cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")),
]
OPTIONS = {"level": 1, "prime": "none", "block_size": 1000}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "small.nzm"
    path.write_bytes(model_files.network())
    return str(path)


def coded(data: bytes, options: EncodeOptions) -> bytes:
    out = io.BytesIO()
    compress_stream(io.BytesIO(data), out, options)
    return out.getvalue()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(("lanes", "threads"), [(1, 3), (2, 1), (7, 3), (64, 1), (64, 3), (1000, 3)])
def test_the_same_bytes(model, device, lanes, threads):
    data = make_text(1501) + noise(100) + bitmap(40, 400) + words(200)
    data *= 1 if lanes < 7 else 4
    inside = EncodeOptions(**OPTIONS, model=model, lanes=lanes)
    outside = EncodeOptions(**OPTIONS, model=model, lanes=lanes, device=device, threads=threads)
    archive = coded(data, inside)
    assert coded(data, outside) == archive
    assert nzip.decompress(archive, device=device, threads=threads) == data


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    "data",
    [b"a", b"\n\0", b"\xff" * 500, noise(70_000) + words(900), words(500) + noise(66_000) + words(500)],
    ids=["byte", "two", "same", "packed first", "packed within"],
)
def test_what_is_not_predicted(model, device, data):
    """Stored and packed bytes are seen by no network; lanes may lie in them whole."""
    options = {"level": 1, "prime": "none", "model": model, "lanes": 100}
    archive = nzip.compress(data, **options)
    assert nzip.compress(data, **options, device=device, verify=True) == archive
    assert nzip.decompress(archive, device=device) == data


@pytest.mark.parametrize("device", DEVICES)
def test_a_solid_run_and_a_reference(model, device, tmp_path):
    (tmp_path / "old").write_bytes(words(3000))
    data = words(4000)[200:]
    options = {**OPTIONS, "lanes": 20, "model": model, "ref": str(tmp_path / "old")}
    archive = nzip.compress(data, **options)
    assert nzip.compress(data, **options, device=device, verify=True) == archive
    assert nzip.decompress(archive, device=device) == data


def test_the_shipped_network():
    data = words(3000)
    archive = nzip.compress(data, 5, lanes=64)
    assert nzip.compress(data, 5, lanes=64, device="torch:cpu") == archive
    assert nzip.decompress(archive, device="torch:cpu") == data


def test_two_devices(model, monkeypatch):
    """Blocks take them in turn."""
    devices.close_servers()
    monkeypatch.setattr(options_module, "find_devices", lambda _: ("cpu", "cpu:0"))
    options = {**OPTIONS, "model": model, "lanes": 30, "threads": 4}
    archive = nzip.compress(words(6000), **options, device="cuda:0,1")
    assert len(devices._servers) == 2
    assert nzip.compress(words(6000), **options) == archive


def test_memory_is_promised(model):
    inside, outside = (EncodeOptions(**OPTIONS, model=model, device=name) for name in ("cpu", "torch:cpu"))
    assert memory_needed(outside) - memory_needed(inside) >= 4096 * (1024 + 44)


# What goes wrong


@pytest.fixture
def evaluations(monkeypatch):
    """Replaces how lanes are evaluated, given the method that does it."""
    evaluate = torch_server.TorchNetwork.weights

    def replace(replacement) -> None:
        monkeypatch.setattr(
            torch_server.TorchNetwork, "weights", lambda self, *rest: replacement(evaluate, self, *rest)
        )

    return replace


def test_memory_of_the_device_is_short(model, evaluations):
    """Fewer lanes at once, and the same bytes."""
    counts = []

    def short(evaluate, network, rows, state):
        counts.append(rows.shape[1])
        if rows.shape[1] > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return evaluate(network, rows, state)

    evaluations(short)
    options = {**OPTIONS, "model": model, "lanes": 11}
    archive = nzip.compress(words(3000), **options)
    assert nzip.compress(words(3000), **options, device="torch:cpu") == archive
    assert nzip.decompress(archive, device="torch:cpu", threads=3) == words(3000)
    assert max(counts) >= 11
    assert min(counts) <= 3


def test_a_device_that_fails(model, evaluations):
    """Blocks that were there fail, with its reason; what comes later is served."""
    failing = True

    def fail(evaluate, network, rows, state):
        if failing:
            raise RuntimeError("CUDA error:\nan illegal memory access")
        return evaluate(network, rows, state)

    evaluations(fail)
    options = {**OPTIONS, "model": model}
    archive = nzip.compress(words(3000), **options)
    for work in (
        lambda: nzip.compress(words(3000), **options, device="torch:cpu", threads=2),
        lambda: nzip.decompress(archive, device="torch:cpu", threads=2),
    ):
        with pytest.raises(NzipError, match="the device gave up: CUDA error: an illegal memory access"):
            work()
    failing = False
    assert nzip.decompress(archive, device="torch:cpu", threads=2) == words(3000)


def test_a_device_without_room(model, monkeypatch):
    devices.close_servers()

    def full(*_):
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(torch_server.TorchNetwork, "__init__", full)
    with pytest.raises(NzipError, match="device cpu cannot hold the network: CUDA out of memory"):
        nzip.compress(words(900), **OPTIONS, model=model, device="torch:cpu")


def test_damaged_blocks(model):
    archive = bytearray(nzip.compress(words(4000), **OPTIONS, model=model, lanes=8))
    archive[-60] ^= 1
    with pytest.raises(NzipChecksumError):
        nzip.decompress(bytes(archive), device="torch:cpu")


def test_states_do_not_stay(model):
    devices.close_servers()
    for _ in range(3):
        nzip.compress(words(3000), **OPTIONS, model=model, lanes=4, device="torch:cpu", threads=2)
    (server,) = devices._servers.values()
    assert len(server._states) <= 3  # blocks of the last file, until the server wakes


def test_a_process_that_ends(model):
    """In the middle of a block: quietly, and at once."""
    program = f"""
import time, nzip
from samples import words
compressor = nzip.NzipCompressor(
    1, prime="none", model={model!r}, lanes=64, threads=2, block_size=1_000_000, device="torch:cpu"
)
compressor.compress(words(1_000_000))
time.sleep(0.5)
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=os.path.dirname(__file__),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_an_exchange_without_questions():
    exchange = _native.Exchange()
    with pytest.raises(ValueError, match="not the weights of a batch"):
        exchange.answer(b"")
    exchange.refuse("nobody asked")
    exchange.close()
    assert exchange.wait() is None


def test_answers_of_another_size(model, monkeypatch):
    evaluate = torch_server.TorchServer._weights
    monkeypatch.setattr(torch_server.TorchServer, "_weights", lambda *rest: evaluate(*rest)[1:])
    with pytest.raises(NzipError, match="the device gave up: not the weights of a batch"):
        nzip.compress(words(1000), **OPTIONS, model=model, device="torch:cpu")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_server_that_ends(model, monkeypatch):
    """Nobody waits for it for ever."""

    def end(*_):
        raise MemoryError

    devices.close_servers()
    monkeypatch.setattr(torch_server.TorchServer, "_answer", end)
    with pytest.raises(NzipError, match="the device gave up"):
        nzip.compress(words(3000), **OPTIONS, model=model, device="torch:cpu", threads=3)
    devices.close_servers()
