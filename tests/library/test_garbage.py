"""The garbage collector may close a writer at any moment, on any thread."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import nzip

DATA = b"".join(b"%d " % (i * i) for i in range(2_000))  # a block and a half

START = """
import gc, sys, threading, nzip
from nzip import tasks
from nzip.codecs import snapshots
gc.disable()  # but where it is called
data = b"".join(b"%d " % (i * i) for i in range(2_000))
options = {{"level": 1, "prime": "./prime", "block_size": 9000, "threads": 2}}

class Holder: pass

def leave_garbage(**more):
    holder = Holder()
    holder.self = holder
    holder.file = nzip.open("x.nz", "wb", **{{**options, **more}})
    holder.file.write(data)

"""

ON_A_THREAD_THAT = {
    # The blocks to come need it, too.
    "holds a lock": """
leave_garbage({0})
with snapshots._lock:
    gc.collect()
""",
    # Which the writer has to wait for.
    "works on its block": """
from nzip.pipeline.encoder import RunEncoder
encode, dropped, collected = RunEncoder.encode, threading.Event(), threading.Event()
def collecting(*arguments):
    dropped.wait()
    if not collected.is_set():
        gc.collect()
        collected.set()
    return encode(*arguments)
RunEncoder.encode = collecting
leave_garbage({0})
dropped.set()
collected.wait()
""",
    # As above, while the interpreter ends.
    "works when Python ends": """
def collect():
    while not tasks.ending(): pass
    gc.collect()
task = tasks.Task(collect)
leave_garbage({0})
""",
}


@pytest.mark.parametrize("more", ["", "solid=1 << 20", "recovery=5"])
@pytest.mark.parametrize("what", ON_A_THREAD_THAT)
def test_a_writer_is_collected_on_a_thread_that(what: str, more: str, tmp_path: Path) -> None:
    (tmp_path / "prime").write_bytes(DATA[:2000])
    code = (START + ON_A_THREAD_THAT[what]).format(more)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert nzip.decompress((tmp_path / "x.nz").read_bytes(), prime=tmp_path / "prime") == DATA
