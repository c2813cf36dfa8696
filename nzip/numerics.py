"""NumPy, where there is memory for it: where there is not, its library would end the whole process."""

from __future__ import annotations

import mmap
import sys

from nzip.machine import all_cores

__all__ = ["np"]

_ROOM, _ROOM_OF_A_CORE = 96 << 20, 16 << 20  # bytes that NumPy asks the system for while it is loaded

if "numpy" not in sys.modules:
    try:
        mmap.mmap(-1, _ROOM + _ROOM_OF_A_CORE * all_cores()).close()
    except OSError:
        raise MemoryError from None

import numpy as np  # noqa: E402
