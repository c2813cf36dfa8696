"""Pixels of a bilevel raster (docs/format/engine1/pixels.md)."""

from __future__ import annotations

from numba import njit

from nzip.reference.engine1.hashes import mix, shifted
from nzip.reference.engine1.lane import LAST8, record_byte

# Places in the numbers of a byte: the rows above, this row's pixels, and the bits so far.
ROW1, ROW2, ROW3, ROW4, OWN, BIT = range(6)
NUMBERS = 6


@njit(cache=True)
def begin_pixels(lanes, x, pixels):
    for k in range(1, 5):
        left, here = record_byte(lanes, x, k, -1), record_byte(lanes, x, k, 0)
        pixels[k - 1] = left << 16 | here << 8 | record_byte(lanes, x, k, 1)
    pixels[OWN], pixels[BIT] = x[LAST8], 0


@njit(cache=True)
def take_pixel(pixels, y):
    pixels[OWN] = pixels[OWN] << 1 | y
    pixels[BIT] += 1


@njit(cache=True)
def above(pixels, k, n):
    return pixels[k - 1] >> (15 - pixels[BIT] - n // 2) & ((1 << n) - 1)


@njit(cache=True)
def own(pixels, n):
    return pixels[OWN] & ((1 << n) - 1)


@njit(cache=True)
def pixel_context(p, i):
    if i == 0:
        return own(p, 4) << 8 | above(p, 1, 5) << 3 | above(p, 2, 3)
    if i == 1:
        return own(p, 6) << 15 | above(p, 1, 7) << 8 | above(p, 2, 5) << 3 | above(p, 3, 3)
    if i == 2:
        x = own(p, 8) << 23 | above(p, 1, 11) << 12 | above(p, 2, 7) << 5 | above(p, 3, 5)
        return shifted(mix(301, x), 42)
    if i == 3:
        x = own(p, 12) << 31 | above(p, 1, 15) << 16 | above(p, 2, 9) << 7 | above(p, 3, 7)
        return shifted(mix(302, x), 42)
    if i == 4:
        x = own(p, 2) << 12 | above(p, 1, 3) << 9 | above(p, 2, 3) << 6
        return x | above(p, 3, 3) << 3 | above(p, 4, 3)
    if i == 5:
        return own(p, 16) << 3 | above(p, 1, 3)
    if i == 6:
        return own(p, 3) << 16 | above(p, 1, 9) << 7 | above(p, 2, 7)
    return shifted(mix(303, own(p, 20) << 16 | above(p, 1, 13) << 3 | above(p, 2, 3)), 42)


@njit(cache=True)
def choose_by_pixels(p, chosen):
    """The selectors that choose otherwise in set 4."""
    chosen[1] = above(p, 3, 5) << 3 | above(p, 2, 3)
    chosen[8] = above(p, 1, 3) << 6 | own(p, 6)
    chosen[9] = above(p, 1, 7) << 4 | own(p, 4)
    chosen[10] = above(p, 2, 7) << 4 | above(p, 1, 3) << 1 | own(p, 1)
    chosen[11] = above(p, 4, 5) << 6 | above(p, 3, 3) << 3 | above(p, 2, 3)
    chosen[12] = above(p, 1, 5) << 4 | own(p, 4)
