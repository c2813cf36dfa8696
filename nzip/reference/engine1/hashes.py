"""Hashes of 64 bits (docs/format/engine1/histories.md, Hashes).

Numbers of 64 bits are kept as int64, whose sums and products are modulo 2^64; ``shifted`` takes them for what
they are, numbers without a sign.
"""

from __future__ import annotations

from numba import njit


def signed(x: int) -> int:
    """A number of 64 bits as an int64 has it."""
    return x - 2**64 if x >= 2**63 else x


A = signed(0x9E3779B97F4A7C15)
B = signed(0xD6E8FEB86659FD93)
C = signed(0x2545F4914F6CDD1D)


@njit(cache=True)
def shifted(x, n):
    """x >> n, for n from 1 to 63, zeros coming from above."""
    return (x >> n) & ((1 << (64 - n)) - 1)


@njit(cache=True)
def mix(a, b):
    h = ((a + A) * B) ^ ((b + C) * A)
    return h ^ shifted(h, 29)


@njit(cache=True)
def key(context, part):
    return (context + part * A) * B


@njit(cache=True)
def held(x, m):
    return min(max(x, -m), m)
