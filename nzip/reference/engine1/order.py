"""Numbers as they lie in a file, from the order in which they are coded (docs/format/engine1.md, Samples)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_TWOS_COMPLEMENT = 1


def revert_order(data: npt.NDArray[np.uint8], parameter: int) -> None:
    """Gives the numbers of a segment their own form back, in place."""
    width = 1 << (parameter & 3)
    kind = parameter >> 3 & 3
    whole = len(data) // width * width
    numbers = data[:whole].reshape(-1, width)
    high = numbers[:, 0] >= 128
    if kind == _TWOS_COMPLEMENT:
        numbers[:, 0] ^= 0x80
    elif kind > _TWOS_COMPLEMENT:
        numbers[high, 0] ^= 0x80
        numbers[~high] ^= 0xFF
    if not parameter & 4:
        numbers[:] = numbers[:, ::-1].copy()
