"""A process may end, fork or get no threads while it codes blocks: without an abort, a hang or noise."""

from __future__ import annotations

import lzma
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import nzip

DATA = b"".join(b"%d " % (i * i) for i in range(6_000))

START = """
import os, signal, threading, nzip
compressor = nzip.NzipCompressor(level=5, prime="none", threads=2, block_size=1 << 18)
compressor.compress(b"".join(b"%d " % (i * i) for i in range(80_000)))
"""


def python(code: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        # A shell's background job ignores it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize(
    ("ending", "code", "stderr"),
    [
        ("raise SystemExit(3)", 3, ""),
        ("pass", 0, ""),
        (
            "threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()\ncompressor.flush()",
            -signal.SIGINT,
            "KeyboardInterrupt",
        ),
    ],
)
def test_a_process_ends_while_it_codes(tmp_path: Path, ending: str, code: int, stderr: str) -> None:
    done = python(START + ending, tmp_path)
    assert done.returncode == code
    assert done.stderr.strip().splitlines()[-1:] == ([stderr] if stderr else [])


# Each leaves a file open, which is finished when Python drops it. `M` is nzip or lzma.
LEFT_OPEN = {
    "file": "f = M.open(path, 'w', **options); f.write(data)",
    "text": "f = M.open(path, 'wt', encoding='ascii', **options); f.write(data.decode())",
    "cycle": """
class Holder: pass
holder = Holder(); holder.self = holder
holder.file = M.open(path, 'w', **options); holder.file.write(data)""",
    "generator": """
def writer():
    with M.open(path, 'w', **options) as file:
        while True:
            file.write((yield))
w = writer(); next(w); w.send(data)""",
    "written at exit": """
import atexit
f = M.open(path, 'w', **options); f.write(data[:10])
atexit.register(lambda: f.write(data[10:]))""",
    "written when dropped": """
class Writer:
    def __init__(self): self.file = M.open(path, 'w', **options)
    def __del__(self): self.file.write(data); self.file.close()
w = Writer()""",
    "exception": "f = M.open(path, 'w', **options); f.write(data); 1 / 0",
    "exit code": "f = M.open(path, 'w', **options); f.write(data); sys.exit(3)",
    "thread": """
import threading, time
f = M.open(path, 'w', **options); f.write(data[:10])
def work(): time.sleep(0.2); f.write(data[10:])
threading.Thread(target=work).start()""",
    "child": """
import os
f = M.open(path, 'w', **options); f.write(data)
if os.fork() == 0: os._exit(0)
os.wait()""",
}


BLOCKS = {"level": 2, "block_size": 9000, "threads": 2, "verify": True}  # some of which are in flight
RECOVERY = {"level": 1, "recovery": 5}


@pytest.mark.parametrize(
    ("way", "options"),
    [
        *((way, {"level": 1}) for way in LEFT_OPEN),
        *((way, BLOCKS) for way in ("text", "generator", "child")),
        *((way, RECOVERY) for way in ("file", "cycle", "generator", "written when dropped")),
    ],
)
def test_a_file_that_is_left_open_is_finished(tmp_path: Path, way: str, options: dict[str, int]) -> None:
    start = "import sys, {0} as M\npath, options = sys.argv[1], {1}\ndata = {2!r}\n"
    expected = python(start.format("lzma", {}, DATA) + LEFT_OPEN[way], tmp_path, "x.xz")
    done = python(start.format("nzip", options, DATA) + LEFT_OPEN[way], tmp_path, "x.nz")
    assert lzma.decompress((tmp_path / "x.xz").read_bytes()) == DATA
    assert (done.returncode, done.stderr.replace(".nz", ".xz")) == (expected.returncode, expected.stderr)
    packed = (tmp_path / "x.nz").read_bytes()
    assert nzip.decompress(packed) == DATA
    assert len(packed) < len(DATA) / 2  # and nothing is stored for want of threads


def test_a_prime_is_at_hand_when_python_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NZIP_CACHE", str(tmp_path / "cache"))  # where no tables are yet
    (tmp_path / "prime").write_bytes(DATA[:2000])
    done = python(
        "import nzip; f = nzip.open('x.nz', 'w', level=1, prime='./prime'); f.write(b'16 25 36')",
        tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert nzip.decompress((tmp_path / "x.nz").read_bytes(), prime=tmp_path / "prime") == b"16 25 36"


def test_a_tar_archive_that_is_left_open(tmp_path: Path) -> None:
    done = python(
        "from nzip.hooks.tarfile import *; t = TarFile.open('x.tar.nz', 'w:nz', level=1); t.add('/dev/null')",
        tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    from nzip.hooks.tarfile import TarFile

    with TarFile.open(tmp_path / "x.tar.nz") as archive:
        assert archive.getnames() == ["dev/null"]


DAEMONS = """
import io, threading, time, nzip
data = {0!r}
packed = nzip.compress(data, level=1, block_size=9000)
def pack():
    while True: nzip.compress(data, level=1, threads=2, block_size=9000)
def unpack():
    while True: assert nzip.decompress(packed, threads=2) == data
def seek():
    while True: f = nzip.NzipFile(io.BytesIO(packed)); f.seek(20000); f.read(10); f.seek(5); f.read(10)
def write():
    while True:
        with nzip.open(io.BytesIO(), 'w', level=1, block_size=9000) as f: f.write(data)
for work in (pack, unpack, seek, write): threading.Thread(target=work, daemon=True).start()
time.sleep({1})
"""


@pytest.mark.parametrize("seconds", [0.1, 0.15, 0.2, 0.25])
def test_daemon_threads_end_silently(tmp_path: Path, seconds: float) -> None:
    done = python(DAEMONS.format(DATA, seconds), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_threads_the_caller_works(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = nzip.compress(DATA, level=1, block_size=9000)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert nzip.compress(DATA, level=1, block_size=9000, threads=3) == expected
    assert nzip.decompress(expected, threads=3) == DATA


LIMITED = """
import os, resource, sys, nzip
nzip.decompress(nzip.compress(b"1 4 9 16" * 9, level=1))  # imports all that an ordinary user might not find
if os.getuid() == 0: os.setuid(65534)
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
data = {0!r}
packed = nzip.compress(data, level=1, block_size=9000, threads=3)
assert nzip.decompress(packed, threads=3) == data
assert len(packed) < len(data) / 2
"""


@pytest.mark.skipif(sys.platform == "darwin", reason="the limit is of processes there, not of threads")
def test_a_process_that_may_start_no_thread(tmp_path: Path) -> None:
    done = python(LIMITED.format(DATA), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


FORKED = """
import os, sys, threading, time, nzip
data = {0!r} * 4
options = dict(level=3, block_size=60_000, threads=2, {1})
packed = nzip.compress(data, **options)
compressor = nzip.NzipCompressor(**options)
start = compressor.compress(data)
reader = nzip.NzipFile(__import__('io').BytesIO(packed), threads=2)
reader.read(1)
pids = []
for _ in range(3):
    time.sleep(0.02)
    if (pid := os.fork()) == 0:
        assert nzip.decompress(start + compressor.flush()) == data
        assert nzip.decompress(nzip.compress(data[:99], level=1)) == data[:99]
        assert reader.read() == data[1:]
        sys.exit(5)
    pids.append(pid)
assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [5, 5, 5]
assert nzip.decompress(start + compressor.flush()) == data
"""


@pytest.mark.parametrize("solid", ["", "solid=10_000_000"])
def test_a_child_that_is_forked_while_blocks_are_coded(tmp_path: Path, solid: str) -> None:
    done = python(FORKED.format(DATA, solid), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_lock_of_a_thread_that_a_child_does_not_have(tmp_path: Path) -> None:
    done = python(
        """
import os, threading
from nzip.locks import ProcessLock
lock, entered = ProcessLock(), threading.Event()
def hold():
    with lock: entered.set(); threading.Event().wait()
threading.Thread(target=hold, daemon=True).start()
entered.wait()
if (pid := os.fork()) == 0:
    with lock: os._exit(5)
os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
""",
        tmp_path,
    )
    assert done.returncode == 5
