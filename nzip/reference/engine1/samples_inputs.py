"""What predictions of numbers say of the next byte and bit (docs/format/engine1/samples.md)."""

from __future__ import annotations

import numpy as np
from numba import njit

from nzip.reference.engine1.hashes import mix
from nzip.reference.engine1.lane import LAST8, last
from nzip.reference.engine1.samples_layout import (
    CHANNEL,
    COLUMN,
    HALF,
    KNOWN,
    MIDDLE,
    PLACE,
    PREDICTED,
    PREFIX,
    ROUGHNESS,
    SCALE,
    log8,
)

SAMPLE_MAPS = 28


@njit(cache=True)
def _divided(x, n):
    """x / n, rounded towards zero."""
    return x // n if x >= 0 else -(-x // n)


@njit(cache=True)
def expected_byte(s, lane):
    x = s.n[lane]
    rest = 8 * (x[PREDICTED] - x[PLACE])
    if rest <= 0:
        return 0
    apart = s.prediction[lane, 12] - (x[PREFIX] << (rest + 4))
    return min(max(apart >> (rest - 4), 0), 255)


@njit(cache=True)
def _at(s, lane, i, finer):
    x = s.n[lane]
    rest = 8 * (x[PREDICTED] - x[PLACE])
    if rest <= 0:
        return 0
    u = rest - 4
    apart = s.prediction[lane, i] - (x[PREFIX] << (rest + 4))
    apart = min(max(apart, -(32 << u)), 288 << u)
    return (apart >> max(x[SCALE] // 8 - finer, u - 4)) & 0xFFFFFF


@njit(cache=True)
def number_contexts(s, x_lane, lane, c):
    """The first 28 contexts of set 4 in samples."""
    x, near = s.n[lane], s.near[lane]
    place = x[PLACE] | x[CHANNEL] << 4
    so_far = x[PLACE] << 40 | x[PREFIX]
    rough, mean, zero = x[ROUGHNESS] // 8, _at(s, lane, 12, 0), 0
    steep = mix(_at(s, lane, 3, -1), _at(s, lane, 9, -1)) & 0xFFFFFF
    a = np.array(
        [
            (_at(s, lane, 12, 2), x[SCALE] // 4),
            (_at(s, lane, 0, 2), rough),
            (_at(s, lane, 1, 1), mean),
            (_at(s, lane, 2, 2), zero),
            (_at(s, lane, 3, 1), rough),
            (_at(s, lane, 4, 1), mean),
            (_at(s, lane, 5, 1), _at(s, lane, 8, 0)),
            (_at(s, lane, 6, 1), mean),
            (_at(s, lane, 7, 1), _at(s, lane, 9, 0)),
            (_at(s, lane, 8, 1), mean),
            (_at(s, lane, 9, 1), mean),
            (_at(s, lane, 10, 1), mean),
            (_at(s, lane, 3, 0), _at(s, lane, 8, 0)),
            (_at(s, lane, 11, 1), _at(s, lane, 0, 0)),
            (_at(s, lane, 12, 1), steep),
        ]
    )
    for n in range(15):
        c[n] = mix(mix(n + 200, place | x[SCALE] // 16 << 8), a[n, 0] << 24 | a[n, 1])
    exact = np.array(
        [
            (near[0], near[1]),
            (near[0], zero),
            (near[1], zero),
            (near[6], near[7]),
            (mix(near[0], near[1]), mix(near[2], near[3])),
            (near[0], near[4]),
            (near[1], near[3]),
            (x[CHANNEL], zero),
            (mix(x[COLUMN], 1), near[1]),
        ]
    )
    for n in range(9):
        c[15 + n] = mix(215 + n, mix(so_far, exact[n, 0]) + mix(exact[n, 1], 5))
    c[24] = mix(mix(224, last(x_lane, 2)), x[PLACE])
    c[25] = mix(mix(225, last(x_lane, 4)), x[PLACE])
    c[26] = mix(mix(226, last(x_lane, 6)), x[PLACE])
    c[27] = mix(mix(227, x_lane[LAST8]), x[PLACE])


@njit(cache=True)
def measure_bit(s, lane, bit, so_far):
    """Where the interval that the bits so far leave has its middle."""
    x = s.n[lane]
    rest = 8 * (x[PREDICTED] - x[PLACE]) - bit
    s.now[KNOWN] = 1 if rest > 0 else 0
    s.now[HALF] = s.now[MIDDLE] = 0
    if rest > 0:
        s.now[HALF] = rest - 1
        s.now[MIDDLE] = (2 * ((x[PREFIX] << bit) + so_far - (1 << bit)) + 1) << (rest + 3)


@njit(cache=True)
def _above(s, lane, i):
    return 1 if s.now[MIDDLE] > s.prediction[lane, i] else 0


@njit(cache=True)
def _distance(s, lane, i):
    return log8(abs(s.now[MIDDLE] - s.prediction[lane, i]) + 1)


@njit(cache=True)
def _relative(s, lane, i, scale):
    far = min(max(_divided(_distance(s, lane, i) - scale, 2) + 20, 0), 31)
    wide = min(max(_divided(8 * (s.now[HALF] + 4) - scale, 4) + 8, 0), 15)
    return 64 * wide + 32 * _above(s, lane, i) + far


@njit(cache=True)
def sample_contexts(s, lane):
    """The contexts of the 28 maps, at a bit that was measured."""
    if not s.now[KNOWN]:
        s.contexts[:] = 0
        return
    x = s.n[lane]
    beside = 1024 * (x[CHANNEL] & 3)
    for i in range(13):
        s.contexts[i] = _relative(s, lane, i, x[SCALE])
    for i in range(12):
        own = log8(np.int64(np.floor(s.error[lane, x[CHANNEL] & 3, i])) + 2)
        s.contexts[13 + i] = _relative(s, lane, i, own) + beside
    s.contexts[25] = _relative(s, lane, 12, x[ROUGHNESS] + 4)
    s.contexts[26] = _relative(s, lane, 0, x[ROUGHNESS] + 4) + beside
    far = min(_distance(s, lane, 12) // 3, 63)
    s.contexts[27] = 128 * s.now[HALF] + 64 * _above(s, lane, 12) + far


@njit(cache=True)
def choose_by_numbers(s, lane, bit, expected, chosen):
    """The selectors that choose otherwise in samples."""
    x = s.n[lane]
    side, half = 0, s.now[HALF]
    if s.now[KNOWN]:
        side = 16 * _above(s, lane, 12) + (_relative(s, lane, 12, x[SCALE]) & 31) // 2
    apart = log8(abs(s.prediction[lane, 0] - s.prediction[lane, 1]) + 1) - x[SCALE]
    d = min(max(_divided(apart, 8) + 5, 0), 7)
    chosen[1] = 64 * (x[PLACE] & 3) + 2 * side + (1 if x[ROUGHNESS] > x[SCALE] else 0)
    chosen[2] = 256 * 5 + 8 * min(x[SCALE] // 4, 31) + bit
    chosen[4] = 256 * 5 + expected
    chosen[5] = 512 + 32 * half + side
    chosen[6] = 64 * (x[CHANNEL] & 3) + 8 * d + bit
