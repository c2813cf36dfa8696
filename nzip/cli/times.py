"""Times as people read them."""

from __future__ import annotations

import time


def local_time(mtime_ns: int) -> str:
    """Local date and time of nanoseconds since 1970."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(mtime_ns // 10**9))
    except (OverflowError, ValueError, OSError):  # a year that the C library cannot name
        return f"{mtime_ns} ns"
