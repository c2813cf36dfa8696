"""The times that a file can carry: nanoseconds since 1970-01-01T00:00Z, in 64 bits."""

from __future__ import annotations

MIN_TIME, MAX_TIME = -(1 << 63), (1 << 63) - 1

# File systems know other years, too: those of ext4 end in 2446, those of tmpfs never.
OUT_OF_RANGE = "its time is not between 1677-09-21 and 2262-04-11; the nearest of these is stored"


def nearest_time(mtime_ns: int) -> int:
    """The time nearest to ``mtime_ns`` that a file can carry.

    >>> nearest_time(5), nearest_time(-(10**30)) == MIN_TIME, nearest_time(10**30) == MAX_TIME
    (5, True, True)
    """
    return max(MIN_TIME, min(mtime_ns, MAX_TIME))
