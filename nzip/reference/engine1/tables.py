"""Fixed tables, adaptive bits, bit histories, APMs (docs/format/engine1/tables.md)."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.reference.bit_length import bit_length

STATES = 247
_HALF = 32768


class Tables(NamedTuple):
    squash: npt.NDArray[np.int64]
    stretch: npt.NDArray[np.int64]
    log: npt.NDArray[np.int64]
    after: npt.NDArray[np.uint8]
    """The state after a 0 and after a 1, of each state."""
    pure: npt.NDArray[np.bool_]
    prior: npt.NDArray[np.int64]


def fixed_tables() -> Tables:
    squash = _squash_table()
    after, counts = _states()
    priors = [65535 * (2 * n1 + 1) // (2 * (n0 + n1) + 2) for n0, n1 in counts]
    pure = [n0 == 0 or n1 == 0 for n0, n1 in counts]
    return Tables(
        _checked(squash, "<u4", "6fdd03a62776021facf27be69a5394c9ee373ae325238bf5c6f046ee301c69c2"),
        _checked(
            _stretch_table(squash), "<i2", "0f4b8daeace06664ec2ce6bc981e4f7b8dbd8315c7137c6fd4927765f6b0ed25"
        ),
        _checked(_log_table(), "<u2", "062f43a1e7bc44a2546fb84c74bd6f8e6808ddcd03831753469d83507976d01f"),
        _checked(after, "u1", "16f8183389b42034816d3a608c518b6b84c07a2b3a8ffa417c6892c2902a3108")
        .astype(np.uint8)
        .reshape(STATES, 2),
        np.array(pure),
        _checked(priors, "<u2", "ab0ec999d95eba51058660acf8c8ca1beee5bae2f93d21e129dba4570dec6a65"),
    )


def _checked(numbers: list[int], kind: str, digest: str) -> npt.NDArray[np.int64]:
    table = np.array(numbers, np.int64)
    if hashlib.sha256(table.astype(kind).tobytes()).hexdigest() != digest:
        raise AssertionError("a table is not that of the specification")
    return table


def _squash_table() -> list[int]:
    power = 2**63
    u = []
    for _ in range(2048):
        u.append(2**95 // (2**63 + power))
        power = power * 18303190372430456779 >> 64
    table = [0] * 4096
    for i, value in enumerate(u):
        table[2048 + i] = value
        table[2048 - i] = 2**32 - value
    table[0] = table[1]
    return table


def _stretch_table(squash: list[int]) -> list[int]:
    stretch, x = [], -2047
    for p in range(4096):
        while x < 2047 and squash[(x + 1 + 4096) // 2] <= (p << 20) + (1 << 19):
            x += 1
        stretch.append(x)
    return stretch


def _log_table() -> list[int]:
    table = []
    for i in range(1024):
        x, bits = 2**21 * (1024 + i), 0
        for _ in range(20):
            x = x * x >> 31
            top = x >> 32
            bits = 2 * bits + top
            x >>= top
        table.append((2839 * bits + 2**19) >> 20)
    return table


def _after(n0: int, n1: int, tag: int, y: int) -> tuple[int, int, int]:
    if n0 + n1 < 4:
        return n0 + 1 - y, n1 + y, 2 * tag + y
    seen, other = ((n1 if y else n0) + 1), _less(n0 if y else n1)
    n0, n1 = (other, seen) if y else (seen, other)
    while max(n0, n1) > (48, 40, 16, 10, 7, 6, 0)[min(n0, n1, 6)]:
        if n0 > n1:
            n0 -= 1
        else:
            n1 -= 1
    return n0, n1, 0 if n0 == 0 or n1 == 0 else y


def _less(n: int) -> int:
    for bound, value in ((2, n), (3, 2), (5, 3), (9, 4), (17, 5)):
        if n <= bound:
            return value
    return 6


def _states() -> tuple[list[int], list[tuple[int, int]]]:
    """The states after each state, and their counts."""
    found = [(0, 0, 1)]
    numbers = {found[0]: 0}
    after = []
    for state in found:  # which grows meanwhile
        for y in (0, 1):
            new = _after(*state, y)
            if new not in numbers:
                numbers[new] = len(found)
                found.append(new)
            after.append(numbers[new])
    return after, [(n0, n1) for n0, n1, _ in found]


@njit(cache=True)
def squash16(tables, x):
    return tables.squash[(x + 4096) >> 1] >> 16


@njit(cache=True)
def ln(tables, x):
    """The natural logarithm of a whole number from 1 on, in 1/4096."""
    n = bit_length(x) - 1
    m = x >> (n - 10) if n > 10 else x << (10 - n)
    return 2839 * n + tables.log[m & 1023]


# An adaptive bit is a u32: the probability in the upper 22 bits, the count in the others.
def adaptive(q: int) -> int:
    """An adaptive bit that begins with q."""
    return 64 * q << 10


OPEN = adaptive(_HALF)


@njit(cache=True)
def p12(bit):
    return np.int64(bit) >> 20


@njit(cache=True)
def learned(bit, y, limit):
    """What an adaptive bit becomes when y comes."""
    p, count = np.int64(bit) >> 10, np.int64(bit) & 1023
    r = 655360 // (10 * count + 16)
    away = (1 << 22) - 1 - p if y else -p
    p += away * r >> 16
    if count < limit:
        count += 1
    return np.uint32(p << 10 | count)


def apms(tables: Tables, count: int) -> npt.NDArray[np.uint32]:
    """So many fresh APM contexts."""
    points = [tables.squash[(256 * i - 1920 + 4096) >> 1] for i in range(16)]
    return np.tile(np.array(points, np.uint32), (count, 1))


@njit(cache=True)
def refine(points, x):
    """(refined, nearest point) of a stretched probability, in an APM context."""
    at = min(max(x, -1920), 1919) + 1920
    low, w = at >> 8, at & 255
    refined = (np.int64(points[low]) * (256 - w) + np.int64(points[low + 1]) * w) >> 8
    return refined, low + 1 if w >= 128 else low


@njit(cache=True)
def learn_point(points, nearest, y):
    v = np.int64(points[nearest])
    v += ((1 << 32) - 1 - v) // 64 if y else -(v // 64)
    points[nearest] = np.uint32(v)
