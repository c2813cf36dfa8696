"""Killed at any moment, a command loses nothing: NZIP_KILLS says how often it is tried, for each (20)."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from entries import ENTRIES

KILLS = int(os.environ.get("NZIP_KILLS", "20"))


def start(arguments: list[str], folder: Path) -> int:
    """A process that runs a command without loading Python anew; its number."""
    child = os.fork()
    if child:
        return child
    os.chdir(folder)
    silent = os.open(os.devnull, os.O_RDWR)
    for descriptor in 0, 1, 2:
        os.dup2(silent, descriptor)
    import sys

    sys.argv = ["nzip", *arguments[2:]]
    from nzip.cli import main

    try:
        main()
    finally:
        os._exit(70)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.is_command])
def test_kills_at_random_moments(name: str, tmp_path: Path) -> None:
    entry = ENTRIES[name]
    import nzip.archive.batch.run
    import nzip.cli.commands  # noqa: F401 - so that the children need not

    moments, longest, killed = random.Random(name), 0.5, 0
    while killed < KILLS:
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        entry.prepare(work)
        began = time.monotonic()
        child = start(entry.arguments, work)
        time.sleep(moments.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        done = entry.check(work)
        if os.WIFSIGNALED(status):
            killed += 1
        else:  # it was faster than that
            assert os.WEXITSTATUS(status) == 0
            assert done
            longest = max(0.01, 0.9 * (time.monotonic() - began))
        entry.clean(work)
