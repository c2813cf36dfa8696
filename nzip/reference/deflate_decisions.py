"""The code of bits in the residue of a deflate stream (docs/format/deflate.md, Decisions)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

_M = np.uint64(2**32 - 1 - 2**16)
_LOW = np.uint64(2**16)
_32 = np.uint64(32)
_8 = np.uint64(8)
_1 = np.uint64(1)
_SLOWEST = np.uint64(6)
_LEAST_RANGE = np.uint64(2**56)
_HALF = np.uint64(2**31)
_ONE = np.uint64(1)
_FOUR = np.uint64(4)

NUMBER = 160
"""The models of a number: 32 for the places, then 4 for each number of bits."""

_MOST_ONES = 29


class Decisions(NamedTuple):
    """``coder`` holds range, code, and the place of the next byte. A model i has p[i] and r[i]."""

    data: npt.NDArray[np.uint8]
    coder: npt.NDArray[np.uint64]
    p: npt.NDArray[np.uint64]
    r: npt.NDArray[np.uint64]


def decisions(data: bytes, models: int, likely: list[range]) -> Decisions:
    """A decoder of open models, but for those that are likely."""
    p, r = np.full(models, _HALF, np.uint64), np.full(models, _ONE, np.uint64)
    for some in likely:
        p[some.start : some.stop] = _M - _M // np.uint64(64)
        r[some.start : some.stop] = _FOUR
    code = int.from_bytes((data + bytes(8))[:8], "big")
    coder = np.array([2**64 - 1, code, 8], np.uint64)
    return Decisions(np.frombuffer(data, np.uint8), coder, p, r)


@njit(cache=True)
def _split(d, probability):
    bound = (d.coder[0] >> _32) * probability
    if d.coder[1] < bound:
        bit = 1
        d.coder[0] = bound
    else:
        bit = 0
        d.coder[0] -= bound
        d.coder[1] -= bound
    while d.coder[0] < _LEAST_RANGE:
        d.coder[0] <<= _8
        at = np.int64(d.coder[2])
        byte = d.data[at] if at < len(d.data) else np.uint8(0)
        d.coder[1] = d.coder[1] << _8 | np.uint64(byte)
        d.coder[2] += _1
    return bit


@njit(cache=True)
def bit(d, model):
    """A bit under a model, which learns it."""
    p = d.p[model]
    found = _split(d, p)
    if found:
        d.p[model] = p + ((_M - p) >> d.r[model])
    else:
        d.p[model] = p - ((p - _LOW) >> d.r[model])
    if d.r[model] < _SLOWEST:
        d.r[model] += _1
    return found


@njit(cache=True)
def number(d, models):
    """A number, whose models begin at a place."""
    bits = 1
    while bits <= _MOST_ONES and bit(d, models + bits - 1):
        bits += 1
    value = 1
    for k in range(bits - 1):
        one = bit(d, models + 32 + 4 * bits + value - 1) if k < 2 else _split(d, _HALF)
        value = 2 * value + one
    return value - 1


@njit(cache=True)
def symbol(d, models, bits):
    """A symbol of so many bits, which has 2^bits models."""
    node = 1
    for _ in range(bits):
        node = 2 * node + bit(d, models + node)
    return node - (1 << bits)
