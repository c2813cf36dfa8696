"""What this machine has, and this process may use."""

from __future__ import annotations

import math
import os

from nzip import cgroups

GB = 1_000_000_000


def default_memory_limit() -> int:
    """The smaller of 4 GB and half the memory: the machine's, or what a container may use of it.

    A limit counts the work: blocks and tables, not the interpreter with its modules, about 20 MB.
    """
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # a system that does not tell
        memory = 8 * GB
    allowed = cgroups.memory_limit()
    return min(4 * GB, memory // 2, memory if allowed is None else allowed // 2)


def all_cores() -> int:
    """The cores on which this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def available_cores() -> int:
    """How many threads have a core of their own: no more than a container may use the time of."""
    allowed = cgroups.cpu_limit()
    return all_cores() if allowed is None else max(1, min(all_cores(), math.ceil(allowed)))


def blocks_at_a_time(threads: int) -> int:
    """For how many blocks the cores are enough if each has ``threads`` that wait for one another.

    These wait by spinning: one that has no core holds up the others for a thousand times as long as its work.
    """
    return max(1, available_cores() // threads)
