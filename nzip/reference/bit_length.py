"""How many bits a number has."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def bit_length(x):
    """floor(log2 x) + 1; 0 for 0."""
    n = 0
    while x > 0:
        x >>= 1
        n += 1
    return n
