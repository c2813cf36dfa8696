"""The coder (docs/format/engine1/coder.md)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

_8 = np.uint64(8)
_32 = np.uint64(32)
_1 = np.uint64(1)
_255 = np.uint64(255)
_LEAST_RANGE = np.uint64(2**56)


class Coder(NamedTuple):
    """``numbers`` holds code, range, and how many bytes were taken.

    ``given`` are bytes that are to be coded, not decoded: those of a reference; then nothing is read.
    """

    data: npt.NDArray[np.uint8]
    numbers: npt.NDArray[np.uint64]


def coder(coded: bytes) -> Coder:
    code = int.from_bytes((coded + bytes(8))[:8], "big")
    return Coder(np.frombuffer(coded, np.uint8), np.array([code, 2**64 - 1, 8], np.uint64))


@njit(cache=True)
def _fill(c):
    while c.numbers[1] < _LEAST_RANGE:
        at = np.int64(c.numbers[2])
        byte = c.data[at] if at < len(c.data) else np.uint8(0)
        c.numbers[0] = c.numbers[0] << _8 | np.uint64(byte)
        c.numbers[1] <<= _8
        c.numbers[2] += _1


@njit(cache=True)
def read_bit(c, p):
    """A bit whose probability of a 1 is p in 2^-32."""
    bound = (c.numbers[1] >> _32) * np.uint64(p)
    y = c.numbers[0] < bound
    if y:
        c.numbers[1] = bound
    else:
        c.numbers[0] -= bound
        c.numbers[1] -= bound
    _fill(c)
    return 1 if y else 0


@njit(cache=True)
def read_packed(c):
    unit = c.numbers[1] >> _8
    byte = min(c.numbers[0] // unit, _255)
    c.numbers[0] -= unit * byte
    c.numbers[1] = unit
    _fill(c)
    return np.int64(byte)


@njit(cache=True)
def gives_up(c):
    """Whether more was taken than any writer makes."""
    return np.int64(c.numbers[2]) > len(c.data) + 8
