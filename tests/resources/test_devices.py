"""Networks evaluated outside of the engines: the same bytes, whatever the device, and what can go wrong."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from support import TESTS, model_files
from support.samples import bitmap, make_text, noise, words

import nzip
from nzip import _native
from nzip.archive import Archive
from nzip.errors import DeviceWarning, NzipChecksumError
from nzip.pipeline import EncodeOptions, compress_stream, memory_needed, resolve
from nzip.resources import devices

torch = pytest.importorskip("torch", reason="these tests evaluate networks in torch")
from nzip.models import nzm, torch_server, torch_shared, torch_worker  # noqa: E402

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
    assert nzip.decompress(archive, model=model, device=device, threads=threads) == data


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
    assert nzip.decompress(archive, model=model, device=device) == data


@pytest.mark.parametrize("device", DEVICES)
def test_a_solid_run_and_a_reference(model, device, tmp_path):
    (tmp_path / "old").write_bytes(words(3000))
    data = words(4000)[200:]
    options = {**OPTIONS, "lanes": 20, "model": model, "ref": str(tmp_path / "old")}
    archive = nzip.compress(data, **options)
    assert nzip.compress(data, **options, device=device, verify=True) == archive
    assert nzip.decompress(archive, model=model, ref=tmp_path / "old", device=device) == data


def test_the_shipped_network():
    data = words(3000)
    archive = nzip.compress(data, 5, lanes=64)
    assert nzip.compress(data, 5, lanes=64, device="torch:cpu") == archive
    assert nzip.decompress(archive, device="torch:cpu") == data


def test_files_and_pieces(model, tmp_path):
    with nzip.open(tmp_path / "file.nz", "wb", **OPTIONS, model=model, lanes=9, device="torch:cpu") as file:
        file.write(words(3000))
    assert (tmp_path / "file.nz").read_bytes() == nzip.compress(words(3000), **OPTIONS, model=model, lanes=9)
    with nzip.open(tmp_path / "file.nz", model=model, device="torch:cpu", threads=2) as file:
        assert file.read(1500) == words(3000)[:1500]
        file.seek(-700, os.SEEK_END)
        assert file.read() == words(3000)[-700:]
    decompressor = nzip.NzipDecompressor(model=model, device="torch:cpu")
    assert decompressor.decompress((tmp_path / "file.nz").read_bytes()) == words(3000)
    with pytest.raises(ValueError, match="is not one of cpu"):
        Archive(tmp_path / "file.nz", device="gpu")


def test_memory_is_promised(model):
    inside, outside = (
        EncodeOptions(**OPTIONS, solid=1000, model=model, device=name) for name in ("cpu", "torch:cpu")
    )
    assert memory_needed(outside) - memory_needed(inside) >= 4096 * (1024 + 44)


# What goes wrong


@pytest.fixture
def workers(monkeypatch):
    """The processes that start from now on."""
    devices.close_exchanges()
    made = []
    make = torch_server._Worker.__init__

    def begin(self, *rest) -> None:
        make(self, *rest)
        made.append(self.process)

    monkeypatch.setattr(torch_server._Worker, "__init__", begin)
    yield made
    devices.close_exchanges()
    assert all(process.returncode is not None for process in made)


def changed(monkeypatch, statements: str) -> None:
    """Lets workers do something else first."""
    program = f"{torch_server._PROGRAM.replace('main(int', 'patch();main(int')}"
    patch = f"def patch():\n{textwrap.indent(textwrap.dedent(statements), '    ')}\n"
    monkeypatch.setattr(torch_server, "_PROGRAM", patch + program)


def test_two_devices(model, workers, monkeypatch):
    """Blocks go to the one that has fewer; when one is killed, to the other."""
    monkeypatch.setattr(resolve, "find_devices", lambda _: ("cpu", "cpu:0"))
    options = {**OPTIONS, "model": model, "lanes": 30, "threads": 4}
    archive = nzip.compress(words(6000), **options)
    assert nzip.compress(words(6000), **options, device="cuda:0,1") == archive
    assert len(workers) == 2
    workers[0].kill()
    with pytest.warns(DeviceWarning, match=r"^device cpu(:0)? is lost, all goes on without it: its process"):
        assert nzip.compress(words(6000), **options, device="cuda:0,1") == archive
    assert nzip.compress(words(6000), **options, device="cuda:0,1") == archive


@pytest.mark.parametrize(("lanes", "solid"), [(1, None), (40, 100_000)])
def test_a_worker_that_is_killed(model, workers, monkeypatch, lanes, solid):
    """In the middle of blocks, of which each goes on in the engine; the next ones begin there."""
    changed(
        monkeypatch,
        """
        import os, signal
        from nzip.models.torch_worker import TorchWorker
        answer = TorchWorker.answer
        def count(self, memory, message):
            answer(self, memory, message)
            self.count = getattr(self, "count", 0) + 1
            if self.count == 7:
                os.kill(os.getpid(), signal.SIGKILL)
        TorchWorker.answer = count
        """,
    )
    options = {
        "level": 1,
        "prime": "none",
        "model": model,
        "block_size": 20_000,
        "lanes": lanes,
        "solid": solid,
    }
    data = words(16_000) + noise(66_000) + words(4000)
    archive = nzip.compress(data, **options)
    with pytest.warns(DeviceWarning) as caught:
        assert nzip.decompress(archive, model=model, device="torch:cpu", threads=3) == data
    assert [str(each.message) for each in caught] == [
        "device cpu is lost, all goes on without it: its process has ended"
    ]
    devices.close_exchanges()
    with pytest.warns(DeviceWarning, match="device cpu is lost"):
        assert nzip.compress(data, **options, device="torch:cpu", threads=3) == archive
    assert len(workers) == 2


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        ("raise SystemExit", "its process has ended"),
        (
            """
            from nzip.models.torch_network import TorchNetwork
            def full(*_):
                raise RuntimeError("CUDA out of memory. Tried\\nin vain")
            TorchNetwork.__init__ = full
            """,
            "CUDA out of memory. Tried in vain",
        ),
        (
            """
            from nzip.models.torch_network import TorchNetwork
            def fail(*_):
                raise RuntimeError("CUDA error")
            TorchNetwork.weights = fail
            """,
            "CUDA error",
        ),
    ],
    ids=["does not start", "has no room", "fails"],
)
def test_a_device_that_is_of_no_use(model, workers, monkeypatch, statements, reason):
    changed(monkeypatch, statements)
    archive = nzip.compress(words(2000), **OPTIONS, model=model)
    with pytest.warns(DeviceWarning, match=f"^device cpu is lost, all goes on without it: {reason}$"):
        assert nzip.compress(words(2000), **OPTIONS, model=model, device="torch:cpu", threads=2) == archive
    assert len(workers) == 1


@pytest.mark.parametrize("place", ["start", "proof", "block"])
def test_a_device_that_hangs(model, workers, monkeypatch, place):
    monkeypatch.setattr(torch_server, "PATIENCE", 5)
    changed(
        monkeypatch,
        f"""
        import time
        from nzip.models.torch_worker import TorchWorker
        before, answer = TorchWorker.prove, TorchWorker.answer
        answers = []
        def prove(self, model):
            before(self, model)
            if {place == "proof"}:
                time.sleep(1000)
        def second(self, memory, message):
            if answers:
                time.sleep(1000)
            answer(self, memory, message)
            answers.append(message)
        TorchWorker.prove, TorchWorker.answer = prove, second
        if {place == "start"}:
            time.sleep(1000)
        """,
    )
    archive = nzip.compress(words(6000), **OPTIONS, model=model)
    reason = "no answer in 5 seconds"
    with pytest.warns(DeviceWarning, match=f"^device cpu is lost, all goes on without it: {reason}$"):
        assert nzip.compress(words(6000), **OPTIONS, model=model, device="torch:cpu", threads=2) == archive
    assert len(workers) == 1


@pytest.mark.parametrize("steps", ["", "if len(rows) == 1"])
def test_a_device_that_predicts_otherwise(workers, monkeypatch, steps):
    """Stretches or single steps of them: nothing that it says gets into a file."""
    changed(
        monkeypatch,
        f"""
        from nzip.models.torch_network import TorchNetwork
        evaluate = TorchNetwork.weights
        def wrong(self, rows, state):
            weights, after = evaluate(self, rows, state)
            return weights, (after + 4096 {steps + " else after" if steps else ""})
        TorchNetwork.weights = wrong
        """,
    )
    archive = nzip.compress(words(500), 5)
    reason = "it predicts otherwise than a processor"
    with pytest.warns(DeviceWarning, match=f"^device cpu is lost, all goes on without it: {reason}$"):
        assert nzip.compress(words(500), 5, device="torch:cpu") == archive
    assert len(workers) == 1


def test_no_process_can_be_started(model, monkeypatch):
    devices.close_exchanges()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    archive = nzip.compress(words(900), **OPTIONS, model=model)
    with pytest.warns(DeviceWarning, match="device cpu is lost"):
        assert nzip.compress(words(900), **OPTIONS, model=model, device="torch:cpu") == archive
    devices.close_exchanges()


def test_memory_of_the_device_is_short(monkeypatch):
    """Fewer lanes at once, and the same weights."""
    evaluate, counts = torch_worker.TorchNetwork.weights, []

    def short(self, rows, state):
        counts.append(rows.shape[1])
        if rows.shape[1] > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return evaluate(self, rows, state)

    def answers():
        worker = torch_worker.TorchWorker(nzm.parse(model_files.network()), torch.device("cpu"))
        rows = torch.frombuffer(bytearray(_native.input_rows(words(990), "glr1")), dtype=torch.int32)
        rows = rows.view(30, 33, -1)
        parts = [(0, 11, 30), (1, 1, 30), (2, 21, 30)]
        return [worker.weights(parts, rows).clone() for _ in range(2)]

    expected = answers()
    monkeypatch.setattr(torch_worker.TorchNetwork, "weights", short)
    assert all(map(torch.equal, answers(), expected))
    assert (counts.count(33), min(counts) <= 3) == (1, True)  # it is not tried in vain again


def test_damaged_blocks(model):
    archive = bytearray(nzip.compress(words(4000), **OPTIONS, model=model, lanes=8))
    archive[-60] ^= 1
    with pytest.raises(NzipChecksumError):
        nzip.decompress(bytes(archive), model=model, device="torch:cpu")


def test_states_do_not_stay():
    worker = torch_worker.TorchWorker(nzm.parse(model_files.network()), torch.device("cpu"))
    memory = bytearray(torch_shared.rows_size(6) + 1024 * 6)
    worker.answer(memory, ([(5, 2, 1), (7, 3, 1)], []))
    worker.answer(memory, ([(7, 3, 1)], [5, 6]))
    assert list(worker._states) == [7]
    worker.answer(memory, ([], [7]))
    assert not worker._states


@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_process_that_ends(model, end):
    """In the middle of a block: quietly, at once, and its worker with it."""
    program = f"""
import os, signal, time, nzip
from support.samples import words
from nzip.models import torch_server
make = torch_server._Worker.__init__
def begin(self, *rest):
    make(self, *rest)
    print(self.process.pid, flush=True)
torch_server._Worker.__init__ = begin
compressor = nzip.NzipCompressor(
    1, prime="none", model={model!r}, lanes=64, threads=2, block_size=1_000_000, device="torch:cpu"
)
compressor.compress(words(1_000_000))
time.sleep(1)
{end}
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=TESTS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (-signal.SIGKILL if end else 0, "")
    for _ in range(100):
        try:
            os.kill(int(result.stdout), 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("the worker is still there")


def test_an_exchange_without_questions():
    exchange = _native.Exchange(1)
    with pytest.raises(ValueError, match="not the weights of a batch"):
        exchange.answer(0, b"")
    with pytest.raises(IndexError):
        exchange.wait(1, 100)
    exchange.lose(0)
    assert exchange.wait(0, 100) is None
    exchange.close()


@pytest.mark.usefixtures("workers")
def test_answers_of_another_size(model, monkeypatch):
    answer = torch_server._Worker.weights
    monkeypatch.setattr(torch_server._Worker, "weights", lambda *rest: answer(*rest)[1:])
    archive = nzip.compress(words(1000), **OPTIONS, model=model)
    with pytest.warns(DeviceWarning, match="not the weights of a batch"):
        assert nzip.compress(words(1000), **OPTIONS, model=model, device="torch:cpu") == archive
