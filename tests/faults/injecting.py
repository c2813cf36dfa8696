"""System calls that fail as a test wants: inject.c, compiled and loaded before the C library."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

SOURCE = Path(__file__).with_name("inject.c")


@cache
def library() -> Path:
    """The compiled library; the test is skipped where it cannot be made."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not sys.platform.startswith("linux") or compiler is None:
        pytest.skip("faults are injected on Linux, where there is a C compiler")
    target = Path(mkdtemp(prefix="nzip-faults-")) / "inject.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", target, SOURCE, "-ldl"], check=True)
    return target


def fault(kind: str, at: int, folder: Path, log: Path) -> dict[str, str]:
    """An environment in which that fault befalls files of the folder after ``at`` calls or bytes."""
    return {
        **os.environ,
        "LD_PRELOAD": str(library()),
        "NZIP_FAULT": kind,
        "NZIP_FAULT_AT": str(at),
        "NZIP_FAULT_PATH": str(folder),
        "NZIP_FAULT_LOG": str(log),
    }
