"""A process may end while blocks are being coded: without an abort, a hang or noise."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

START = """
import os, signal, threading, nzip
compressor = nzip.NzipCompressor(level=5, prime="none", threads=2, block_size=1 << 18)
compressor.compress(b"".join(b"%d " % (i * i) for i in range(80_000)))
"""


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
    done = subprocess.run(
        [sys.executable, "-c", START + ending],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        # A shell's background job ignores it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert done.returncode == code
    assert done.stderr.strip().splitlines()[-1:] == ([stderr] if stderr else [])
