"""What a process and its worker on a torch device share. Needs neither torch nor the engine."""

from __future__ import annotations

import mmap
import os
import tempfile

from nzip.models.inputs import MOST_TABLES

POSITIONS = 16384  # the most that are evaluated at once; a single block asks for a quarter
ROW_BYTES = 4 * MOST_TABLES  # of a position, at most: a row number of each input table,
WEIGHT_BYTES = 4 * 256  # and the weight of each byte value
_SIZE = POSITIONS * (ROW_BYTES + WEIGHT_BYTES)

Part = tuple[int, int, int]  # a block's number, lanes, steps
Message = tuple[list[Part], list[int]]  # whose rows are in the memory one behind another; blocks that ended


def new_shared() -> int:
    """The descriptor of a file in memory, where there are such."""
    if hasattr(os, "memfd_create"):
        shared = os.memfd_create("nzip")
    else:
        shared, path = tempfile.mkstemp(prefix="nzip-")
        os.unlink(path)
    os.ftruncate(shared, _SIZE)
    return shared


def open_shared(shared: int) -> mmap.mmap:
    """Its memory."""
    return mmap.mmap(shared, _SIZE)


def rows_size(positions: int) -> int:
    """The bytes behind which the weights of ``positions`` positions begin."""
    return positions * ROW_BYTES
