"""Times that some file systems hold and no archive does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

AFTER, BEFORE = 10_000_000_000 * 10**9, -10_000_000_000 * 10**9  # the years 2286 and 1653


def give_far_time(path: Path, mtime_ns: int) -> int:
    """Gives a file a time that is out of range; returns the nearest one that an archive can hold."""
    os.utime(path, ns=(0, mtime_ns), follow_symlinks=False)
    if os.lstat(path).st_mtime_ns != mtime_ns:
        pytest.skip("the file system here does not know such a time")
    return (1 << 63) - 1 if mtime_ns > 0 else -(1 << 63)
