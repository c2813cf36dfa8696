"""Every fault at every entry point: docs/faults.md is the table of these tests."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import matrix
import pytest
from entries import ENTRIES, LEFT_OPEN, PIPES, Entry, code_of, leftovers
from injecting import fault

FOLDER = Path(__file__).parent

# What a command may end with when it could not do its work, 128 + n aside.
FAILURES = {1, 2, 3, 4, 5, 7, 9}

# Kinds of inject.c, and after how many calls (or bytes) the fault happens.
HARMLESS = {
    "short write": ("short", [0]),
    "interrupted call (EINTR)": ("eintr", [0]),
    "clock jump": ("clock", [0, 5]),
    "thread that cannot start": ("thread", [0, 1]),
}
HARMFUL = {
    "disk full (ENOSPC)": ("enospc", [0, 5_000, 60_000]),
    "write error (EIO)": ("write", [0, 1, 4]),
    "read error (EIO)": ("read", [0, 1, 3]),
    "error of fsync": ("fsync", [0]),
    "error of close": ("close", [0]),
}
ROOMS = [1 << 20, 16 << 20, 64 << 20]  # bytes
CONTAINER = 64 << 20  # bytes: more than Python needs, and less than -5 does
MOMENTS = 3  # at which a process is killed; test_kills.py tries more


def cells(*faults: str) -> list[tuple[str, str]]:
    return [(fault, name) for fault in faults for name in matrix.TRIED[fault]]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def prepared(name: str, work: Path) -> Entry:
    if name in ("fsspec", "smart_open"):
        pytest.importorskip(name)
    ENTRIES[name].prepare(work)
    return ENTRIES[name]


def run(command: list[str], folder: Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False, **options
    )


def must_succeed(entry: Entry, folder: Path, process: subprocess.CompletedProcess[str]) -> None:
    assert (process.returncode, process.stderr) == (0, "")
    assert entry.check(folder)
    assert leftovers(folder) == []


def may_fail(entry: Entry, folder: Path, process: subprocess.CompletedProcess[str]) -> None:
    """All or nothing, and said so."""
    done = entry.check(folder, warned=process.returncode == 2)
    if process.returncode == 0:
        assert done
        assert process.stderr == ""
    elif entry.is_command:
        assert process.returncode in FAILURES, process.stderr
        assert process.stderr.startswith("nzip: ")
        assert "Traceback" not in process.stderr
        assert leftovers(folder) == []
    else:
        assert process.returncode == 1
        assert process.stderr.rstrip().splitlines()[-1].startswith(("OSError", "MemoryError", "nzip."))


@pytest.mark.parametrize(("kind", "name"), cells(*HARMLESS))
def test_faults_that_do_no_harm(kind: str, name: str, work: Path, tmp_path: Path) -> None:
    short, places = HARMLESS[kind]
    for at in places:
        entry = prepared(name, work)
        must_succeed(entry, work, run(entry.command(), work, env=fault(short, at, work, tmp_path / "log")))
        entry.clean(work)


@pytest.mark.parametrize(("kind", "name"), cells(*HARMFUL))
def test_faults_that_may_stop_it(kind: str, name: str, work: Path, tmp_path: Path) -> None:
    short, places = HARMFUL[kind]
    for at in places:
        entry = prepared(name, work)
        process = run(entry.command(), work, env=fault(short, at, work, tmp_path / "log"))
        may_fail(entry, work, process)
        entry.clean(work)


@pytest.mark.parametrize("name", matrix.TRIED["out of memory"])
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit is one of Linux")
def test_out_of_memory(name: str, work: Path) -> None:
    for room in ROOMS:
        entry = prepared(name, work)
        process = run([sys.executable, str(FOLDER / "limited.py"), str(room), *entry.arguments], work)
        may_fail(entry, work, process)
        entry.clean(work)


@contextmanager
def container() -> Iterator[Path]:
    """The file that a process joins by writing its number to it: a group with little memory."""
    for root, limit in ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"):
        group = Path(root) / f"nzip-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text(str(CONTAINER))
            yield group / "cgroup.procs"
        except OSError:
            continue
        else:
            return
        finally:
            with suppress(OSError):
                group.rmdir()
    pytest.skip("may not make a control group")


@pytest.mark.parametrize("name", matrix.TRIED["limit of a container"])
def test_the_limit_of_a_container_is_seen(name: str, work: Path) -> None:
    entry = prepared(name, work)
    stronger = [each.replace("level=1", "level=5") if each != "-1" else "-5" for each in entry.arguments]
    with container() as members:
        process = run([sys.executable, str(FOLDER / "contained.py"), str(members), *stronger], work)
    assert process.returncode in ({7, 9} if entry.is_command else {1}), process.stderr
    assert "memory" in process.stderr
    assert not entry.check(work)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("name", matrix.TRIED["reader gone (EPIPE)"])
def test_the_reader_is_gone(name: str, unbuffered: str, work: Path) -> None:
    entry = prepared(name, work)
    source, sink = os.pipe()
    os.close(source)
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    process = subprocess.run(
        [sys.executable, *PIPES[name]], cwd=work, stdout=sink, stderr=subprocess.PIPE, timeout=60, env=env
    )
    os.close(sink)
    assert process.returncode == -signal.SIGPIPE if entry.is_command else 1
    assert entry.is_command == (process.stderr == b"")


@pytest.mark.parametrize(("kind", "name"), cells("kill -9", "SIGTERM"))
def test_signals(kind: str, name: str, work: Path) -> None:
    signum = signal.SIGKILL if kind == "kill -9" else signal.SIGTERM
    moments = random.Random(name)
    for _ in range(MOMENTS):
        entry = prepared(name, work)
        process = subprocess.Popen(entry.command(), cwd=work, stderr=subprocess.PIPE, text=True)
        time.sleep(moments.uniform(0.05, 0.5))
        process.send_signal(signum)
        _, stderr = process.communicate(timeout=60)
        done = entry.check(work)
        assert process.returncode in (0, -signum)
        if process.returncode == 0:
            assert done
        if entry.is_command and signum == signal.SIGTERM:
            assert leftovers(work) == []
            assert stderr == "" or (name == "batch" and stderr.endswith("--resume goes on from here\n"))
        entry.clean(work)


@pytest.mark.parametrize("name", matrix.TRIED["end of the interpreter"])
def test_a_file_is_left_open_at_the_end(name: str, work: Path) -> None:
    entry = prepared(name, work)
    must_succeed(entry, work, run([sys.executable, "-c", LEFT_OPEN[name]], work))


# A child that is forked while blocks are in flight, and one that codes something itself.
FORKS = """
import multiprocessing, nzip
def child():
    assert nzip.decompress(nzip.compress(b"of the child", 1)) == b"of the child"
forked = multiprocessing.get_context("fork").Process(target=child)
forked.start()
forked.join()
assert forked.exitcode == 0
"""


@pytest.mark.parametrize("name", matrix.TRIED["fork"])
def test_fork_while_blocks_are_coded(name: str, work: Path) -> None:
    entry = prepared(name, work)
    closing = "\nfile.close()" if name == "library" else "\narchive.close()"
    must_succeed(entry, work, run([sys.executable, "-c", LEFT_OPEN[name] + FORKS + closing], work))


# The main thread ends in the middle of the work.
DAEMON = """
import threading, time
threading.Thread(target=exec, args=(code, {{}}), daemon=True).start()
time.sleep({seconds})
"""


@pytest.mark.parametrize("name", matrix.TRIED["daemon thread"])
def test_a_daemon_thread_is_cut_off(name: str, work: Path) -> None:
    for seconds in 0.01, 0.1, 0.3:
        entry = prepared(name, work)
        code = f"code = {code_of(name)!r}" + DAEMON.format(seconds=seconds)
        process = run([sys.executable, "-c", code], work)
        assert (process.returncode, process.stderr) == (0, "")
        entry.check(work)
        entry.clean(work)


def test_the_table_in_docs_is_this_one() -> None:
    assert matrix.table() in (FOLDER.parents[1] / "docs/faults.md").read_text(encoding="utf-8")
