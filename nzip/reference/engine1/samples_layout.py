"""Layouts of numbers, and a lane's state of them (Layout, State, Neighbours in samples.md)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.reference.bit_length import bit_length
from nzip.reference.engine1.fitted import FUNCTIONS, MOST_INPUTS
from nzip.reference.engine1.hashes import shifted

CHANNELS = 16

# The layout, from the parameter.
(
    W,
    N,
    R,
    P,
    PREDICTED,
    FLOATS,
    FLAT,
    LOCAL,
    SEEN,
    FURTHEST,
    STARTED,
    INDEX,
    PLACE,
    PREFIX,
    COLUMN,
    CHANNEL,
    MISSING,
    BEHIND,
    SCALE,
    ROUGHNESS,
    PARAMETER,
) = range(21)
_NUMBERS = 21

# What is measured at a bit.
KNOWN, HALF, MIDDLE = range(3)

LOGS = 8192


class Samples(NamedTuple):
    """Of each lane: ``n``, the numbers above; predictions and near numbers; errors of each channel modulo 4;
    fitted functions; ``neighbours`` are pairs (bytes back, base) of each channel."""

    n: npt.NDArray[np.int64]
    prediction: npt.NDArray[np.int64]
    near: npt.NDArray[np.int64]
    error: npt.NDArray[np.float64]
    slow: npt.NDArray[np.int64]
    logs: npt.NDArray[np.int64]
    base: npt.NDArray[np.float64]
    input: npt.NDArray[np.float64]
    square: npt.NDArray[np.float64]
    product: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    since: npt.NDArray[np.int64]
    left: npt.NDArray[np.int64]
    neighbours: npt.NDArray[np.int64]
    now: npt.NDArray[np.int64]
    contexts: npt.NDArray[np.int64]


def fresh_samples(lanes: int) -> Samples:
    m = MOST_INPUTS
    return Samples(
        np.zeros((lanes, _NUMBERS), np.int64),
        np.zeros((lanes, 13), np.int64),
        np.zeros((lanes, 8), np.int64),
        np.zeros((lanes, 4, 13)),
        np.zeros((lanes, 4), np.int64),
        np.zeros((lanes, LOGS), np.int64),
        np.zeros((lanes, 3)),
        np.zeros((lanes, m)),
        np.zeros((lanes, 4, FUNCTIONS, m, m)),
        np.zeros((lanes, 4, FUNCTIONS, m)),
        np.zeros((lanes, 4, FUNCTIONS, m)),
        np.zeros((lanes, 4, FUNCTIONS), np.int64),
        np.zeros((lanes, CHANNELS), np.int64),
        np.zeros((lanes, CHANNELS, m, 2), np.int64),
        np.zeros(3, np.int64),
        np.zeros(28, np.int64),
    )


@njit(cache=True)
def log8(x):
    n = bit_length(x) - 1
    return 8 * n + (shifted(x << (63 - n), 60) & 7)


@njit(cache=True)
def enter_samples(s, lane, parameter):
    """A lane enters a segment of samples."""
    x = s.n[lane]
    x[:] = 0
    s.prediction[lane] = 0
    s.near[lane] = 0
    s.slow[lane] = 0
    s.logs[lane] = 0
    s.error[lane] = 0
    s.base[lane] = 0
    s.input[lane] = 0
    s.square[lane] = 0
    s.product[lane] = 0
    s.weight[lane] = 0
    s.since[lane] = 0
    s.left[lane] = -1
    w, n, r = 1 << (parameter & 3), (parameter >> 5 & 15) + 1, parameter >> 9
    p = w * n
    x[W], x[N], x[R], x[P], x[PREDICTED] = w, n, r, p, min(w, 4)
    x[FLOATS] = 1 if parameter >> 3 & 3 >= 2 and w >= 4 else 0
    x[FLAT] = 1 if r < 2 * p else 0
    x[LOCAL] = 1 if not x[FLAT] and w <= 2 and n <= 4 and r >= 24 * p else 0
    x[SEEN] = 64 if x[FLAT] else 20 if x[LOCAL] else 32
    for channel in range(n):
        _list_neighbours(s.neighbours[lane, channel], x, channel)
        x[FURTHEST] = max(x[FURTHEST], s.neighbours[lane, channel, : x[SEEN], 0].max())


# (k, y, x) of the neighbours that are not flat, in order: k is 0 for the channel's own.
_ORDER = np.array(
    [
        *[(0, 0, 1), (0, 1, 0), (0, 1, 1), (0, 1, -1)],
        *[(1, 0, 0), (1, 1, 0), (1, 0, 1), (2, 0, 0), (2, 1, 0), (2, 0, 1)],
        *[(0, 0, 2), (0, 2, 0), (1, 1, -1), (1, 1, 1)],
        *[(0, 2, -1), (0, 1, -2), (0, 2, 1), (0, 1, 2), (0, 0, 3), (0, 3, 0), (2, 1, -1), (2, 1, 1)],
        *[(0, 2, 2), (0, 2, -2), (0, 1, -3), (0, 1, 3), (0, 3, -1), (0, 3, 1), (0, 0, 4), (0, 4, 0)],
        *[(0, 2, -3), (0, 2, 3), (0, 3, 2), (0, 3, -2), (0, 0, 5), (0, 1, -4), (0, 1, 4), (0, 0, 6)],
        *[(0, 5, 0), (0, 4, 1), (0, 4, -1), (0, 2, 4), (0, 2, -4), (0, 3, 3), (0, 3, -3)],
    ]
)
_FLAT_ORDER = np.array(
    [
        *[(0, 0, x) for x in range(1, 5)],
        *[(1, 0, x) for x in range(3)],
        *[(0, 0, x) for x in range(5, 9)],
        *[(2, 0, x) for x in range(2)],
        *[(1, 0, x) for x in range(3, 6)],
        *[(0, 0, x) for x in range(9, 15)],
        *[(1, 0, x) for x in range(6, 10)],
        *[(0, 0, x) for x in range(15, 80)],
    ]
)


@njit(cache=True)
def _list_neighbours(neighbours, x, channel):
    full, found = x[SEEN], 0
    for row in _FLAT_ORDER if x[FLAT] else _ORDER:
        k = row[0]
        if k > 0 and (x[N] <= k or (not x[FLAT] and channel < k)):
            continue
        d = row[1] * x[R] + row[2] * x[P] + k * x[W]
        if found < full and x[W] <= d < 1 << 28:
            neighbours[found, 0], neighbours[found, 1] = d, k
            found += 1
    for place in range(found, full):
        neighbours[place, 0], neighbours[place, 1] = x[P], 0
