"""What this machine has."""

from __future__ import annotations

import os

GB = 1_000_000_000


def default_memory_limit() -> int:
    """The smaller of 4 GB and half the machine's memory.

    A limit counts the work: blocks and tables, not the interpreter with its modules, about 20 MB.
    """
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # a system that does not tell
        return 4 * GB
    return min(4 * GB, memory // 2)


def available_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def blocks_at_a_time(threads: int) -> int:
    """For how many blocks the cores are enough if each has so many threads that wait for one another.

    These wait by spinning: one that has no core holds up the others for a thousand times as long as its work.
    """
    return max(1, available_cores() // threads)
