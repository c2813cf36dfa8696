"""Arrays of numbers: layout, neighbours, predictions (docs/format/engine1/samples.md).

Doubles are rounded after each operation; numba fuses none of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.reference.engine1.fitted import (
    FEW,
    FUNCTIONS,
    MORE,
    MOST_INPUTS,
    THIRD,
    count,
    evaluate,
    solve,
    update,
)
from nzip.reference.engine1.hashes import log2, shifted
from nzip.reference.engine1.lane import BEGIN, POSITION, SEGMENT_BEGIN

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

_LOGS = 8192


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
        np.zeros((lanes, _LOGS), np.int64),
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


@njit(cache=True)  # type: ignore[untyped-decorator]
def log8(x):  # type: ignore[no-untyped-def]
    n = log2(x)
    return 8 * n + (shifted(x << (63 - n), 60) & 7)


@njit(cache=True)  # type: ignore[untyped-decorator]
def enter_samples(s, lane, parameter):  # type: ignore[no-untyped-def]
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


_OTHER1, _OTHER2, _OWN = 1, 2, 0
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


@njit(cache=True)  # type: ignore[untyped-decorator]
def _list_neighbours(neighbours, x, channel):  # type: ignore[no-untyped-def]
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


@njit(cache=True)  # type: ignore[untyped-decorator]
def _raw(history, at, count_):  # type: ignore[no-untyped-def]
    value = 0
    for i in range(count_):
        value = value << 8 | np.int64(history[at + i])
    return value


@njit(cache=True)  # type: ignore[untyped-decorator]
def _number(history, lane_numbers, x, d):  # type: ignore[no-untyped-def]
    """The first b bytes of the number so many bytes back."""
    if d > lane_numbers[POSITION] - lane_numbers[BEGIN]:
        return x[MISSING]
    return _raw(history, lane_numbers[POSITION] - d, x[PREDICTED])


@njit(cache=True)  # type: ignore[untyped-decorator]
def value_of(x, o):  # type: ignore[no-untyped-def]
    """The value of a number's first b bytes."""
    if not x[FLOATS]:
        return np.float64(o)
    bits = o ^ 0x80000000 if o >= 1 << 31 else (1 << 32) - 1 - o
    if x[W] == 4:
        exponent = bits >> 23 & 255
        if exponent < 27 or exponent > 227:
            return 0.0
        return np.float64(np.array([bits]).astype(np.uint32).view(np.float32)[0])
    exponent = bits >> 20 & 2047
    if exponent < 923 or exponent > 1123:
        return 0.0
    return np.array([bits << 32]).view(np.float64)[0]


@njit(cache=True)  # type: ignore[untyped-decorator]
def ordered(x, v):  # type: ignore[no-untyped-def]
    """The ordered form of a double."""
    if not x[FLOATS]:
        if np.isnan(v):
            return 0
        most = np.float64((1 << 8 * x[PREDICTED]) - 1)
        return np.int64(np.floor(16.0 * min(max(v, 0.0), most) + 0.5))
    if not 1e-29 < abs(v) < 1e29:
        v = 0.0
    if x[W] == 4:
        bits = np.int64(np.array([v]).astype(np.float32).view(np.uint32)[0])
    else:
        bits = shifted(np.array([v]).view(np.int64)[0], 32)
    return 16 * ((1 << 32) - 1 - bits) if bits >= 1 << 31 else 16 * (bits + (1 << 31))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _middle(x):  # type: ignore[no-untyped-def]
    return 0.0 if x[FLOATS] else np.float64(1 << (8 * x[PREDICTED] - 1))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _ridge(x):  # type: ignore[no-untyped-def]
    return 1e-30 if x[FLOATS] else 1.0


@njit(cache=True)  # type: ignore[untyped-decorator]
def ready_samples(s, history, lane_numbers, lane):  # type: ignore[no-untyped-def]
    """A lane gets ready for its next byte in a segment of samples."""
    x = s.n[lane]
    position = lane_numbers[POSITION]
    at = position - lane_numbers[SEGMENT_BEGIN]
    x[PLACE] = at % x[W]
    if x[PLACE] == 0 or position == lane_numbers[BEGIN]:
        if x[STARTED]:
            _learn(s, lane, _number(history, lane_numbers, x, x[W]))
        _begin_number(s, history, lane_numbers, lane, at)
        x[STARTED], x[PREFIX] = 1, 0
    elif x[PLACE] <= x[PREDICTED]:
        x[PREFIX] = (x[PREFIX] << 8 | np.int64(history[position - 1])) & 0xFFFFFFFF


@njit(cache=True)  # type: ignore[untyped-decorator]
def _learn(s, lane, actual):  # type: ignore[no-untyped-def]
    x = s.n[lane]
    q = x[CHANNEL] & 3
    for i in range(13):
        e = np.float64(abs(s.prediction[lane, i] - 16 * actual))
        s.error[lane, q, i] = s.error[lane, q, i] + (e - s.error[lane, q, i]) * 0.0625
    log4 = log8(abs(s.prediction[lane, 12] - 16 * actual) + 1) // 2
    s.logs[lane, x[INDEX] % _LOGS] = log4
    difference = 65536 * log4 - s.slow[lane, q]
    s.slow[lane, q] += difference // 64 if difference >= 0 else -(-difference // 64)
    y = value_of(x, actual) - s.base[lane, 0]
    ridge = _ridge(x)
    _update(s, lane, q, MORE, y, 0.998, ridge)
    _update(s, lane, q, FEW, y, 0.98, ridge)
    if not x[LOCAL]:
        _update(s, lane, q, THIRD, y, 0.998 if x[FLAT] else 0.9996, ridge)


@njit(cache=True)  # type: ignore[untyped-decorator]
def inputs_of(x, function):  # type: ignore[no-untyped-def]
    return 20 if function == MORE else 12 if function == FEW else x[SEEN]


@njit(cache=True)  # type: ignore[untyped-decorator]
def _update(s, lane, q, f, y, memory, ridge):  # type: ignore[no-untyped-def]
    n = inputs_of(s.n[lane], f)
    update(s.square[lane, q, f], s.product[lane, q, f], n, s.input[lane], y, memory)
    s.since[lane, q, f] += 1
    if s.since[lane, q, f] == 6:
        s.since[lane, q, f] = 0
        solve(s.square[lane, q, f], s.product[lane, q, f], s.weight[lane, q, f], n, ridge)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _fit(s, lane, q, f):  # type: ignore[no-untyped-def]
    return evaluate(s.weight[lane, q, f], s.input[lane], inputs_of(s.n[lane], f))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _begin_number(s, history, at_lane, lane, at):  # type: ignore[no-untyped-def]
    x, near, base = s.n[lane], s.near[lane], s.base[lane]
    w, p, r = x[W], x[P], x[P] if x[FLAT] else x[R]
    x[INDEX] = at // w
    x[COLUMN] = (at % x[R] if x[R] else at) // w
    channel = x[CHANNEL] = x[COLUMN] % x[N]
    q = channel & 3
    x[MISSING] = 1 << 31 if x[FLOATS] else 1 << (8 * x[PREDICTED] - 1)
    near[0] = x[MISSING] = _number(history, at_lane, x, p)
    for i in range(1, 6):
        if x[FLAT]:
            d = (i + 1) * p
        else:
            d = r if i == 1 else r + p if i == 2 else r - p if i == 3 else 2 * p if i == 4 else 2 * r
        near[i] = _number(history, at_lane, x, d)
    x[BEHIND] = 1 if x[N] > 1 and channel >= 1 else 0
    near[6] = _number(history, at_lane, x, w) if x[BEHIND] else near[1]
    near[7] = _number(history, at_lane, x, 2 * w) if channel >= 2 else near[0]
    v = np.zeros(6)
    for i in range(6):
        v[i] = value_of(x, near[i])
    base[0] = _middle(x) if x[FLAT] else (v[0] + v[1]) * 0.5
    for k in range(1, 3):
        base[k] = base[0]
        if not x[FLAT] and k < x[N]:
            beside = value_of(x, _number(history, at_lane, x, p + k * w))
            upper = value_of(x, _number(history, at_lane, x, r + k * w))
            base[k] = (beside + upper) * 0.5
    for i in range(x[SEEN]):
        d, k = s.neighbours[lane, channel, i]
        s.input[lane, i] = value_of(x, _number(history, at_lane, x, d)) - base[k]
    if x[LOCAL]:
        _move_window(s, history, at_lane, lane, channel, q)
    _predict(s, lane, q)
    c = value_of(x, _number(history, at_lane, x, w)) if x[BEHIND] else 0.0
    cw = value_of(x, _number(history, at_lane, x, p + w)) if x[BEHIND] else 0.0
    cn = value_of(x, _number(history, at_lane, x, 2 * p + w if x[FLAT] else r + w)) if x[BEHIND] else 0.0
    cnw = value_of(x, _number(history, at_lane, x, r + p + w)) if x[BEHIND] else 0.0
    if x[FLAT]:
        _fixed_flat(x, s.prediction[lane], v, c, cw, cn)
    else:
        _fixed(x, s.prediction[lane], v, c, cw, cn, cnw)
    _scale(s, lane, q)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _predict(s, lane, q):  # type: ignore[no-untyped-def]
    x, base, prediction = s.n[lane], s.base[lane], s.prediction[lane]
    weighted, total = 0.0, 0.0
    for i in range(3):
        fit = _fit(s, lane, q, MORE if i == 0 else FEW if i == 1 else THIRD) + base[0]
        prediction[i] = ordered(x, fit)
        e = s.error[lane, q, i] + 1.0
        share = 1.0 / (e * e * e * e)
        weighted += share * fit
        total += share
    prediction[12] = ordered(x, weighted / total)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _fixed_flat(x, prediction, v, c, cw, cn):  # type: ignore[no-untyped-def]
    prediction[3] = ordered(x, v[0])
    prediction[4] = ordered(x, 2.0 * v[0] - v[1])
    prediction[5] = ordered(x, 3.0 * v[0] - 3.0 * v[1] + v[2])
    prediction[6] = ordered(x, 4.0 * v[0] - 6.0 * v[1] + 4.0 * v[2] - v[3])
    prediction[7] = ordered(x, (v[0] + v[1]) * 0.5)
    prediction[8] = ordered(x, v[0] + c - cw)
    prediction[9] = ordered(x, c if x[BEHIND] else v[1])
    prediction[10] = ordered(x, 2.0 * v[0] - v[1] + c - 2.0 * cw + cn)
    prediction[11] = ordered(x, (v[0] + v[1] + v[2] + v[3]) * 0.25)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _fixed(x, prediction, v, c, cw, cn, cnw):  # type: ignore[no-untyped-def]
    w, u, behind = v[0], v[1], x[BEHIND]
    plane = w + u - v[2]
    prediction[3] = ordered(x, min(max(plane, min(w, u)), max(w, u)))
    prediction[4] = ordered(x, plane)
    prediction[5] = ordered(x, (w + u) * 0.5 + (v[3] - v[2]) * 0.25)
    prediction[6] = ordered(x, w + v[3] - u)
    prediction[7] = ordered(x, (w + v[3]) * 0.5)
    prediction[8] = ordered(x, w + c - cw if behind else 2.0 * w - v[4])
    prediction[9] = ordered(x, u + c - cn if behind else 2.0 * u - v[5])
    prediction[10] = ordered(x, plane + c - cw - cn + cnw if behind else (w + u + v[2] + v[3]) * 0.25)
    prediction[11] = ordered(x, (w + u) * 0.5 + c - (cw + cn) * 0.5 if behind else w)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _power(l):  # type: ignore[no-untyped-def]  # noqa: E741
    return (4 + (l & 3)) << (l >> 2) >> 2


@njit(cache=True)  # type: ignore[untyped-decorator]
def _late_error(s, lane, q, k):  # type: ignore[no-untyped-def]
    index = s.n[lane, INDEX]
    if k < _LOGS and k <= index:
        return _power(s.logs[lane, (index - k) % _LOGS])
    return _power(s.slow[lane, q] >> 16)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _scale(s, lane, q):  # type: ignore[no-untyped-def]
    x, near = s.n[lane], s.near[lane]
    n, m = x[N], x[R] // x[W]
    e1, e2 = _late_error(s, lane, q, n), _late_error(s, lane, q, 2 * n)
    if x[FLAT]:
        e3, e4 = _late_error(s, lane, q, 3 * n), _late_error(s, lane, q, 4 * n)
        total = 3 * e1 + 2 * e2 + e3 + e4 + _power(s.slow[lane, q] >> 16)
    else:
        up, right, left = (
            _late_error(s, lane, q, m),
            _late_error(s, lane, q, m + n),
            _late_error(s, lane, q, m - n),
        )
        other = _late_error(s, lane, q, 1 if x[BEHIND] else 2 * m)
        total = 2 * e1 + 2 * up + right + left + e2 + other
    x[SCALE] = log8(total // 8 + 2)
    rough = abs(near[0] - near[2]) + abs(near[1] - near[2]) + abs(near[1] - near[3])
    x[ROUGHNESS] = log8(rough * 16 // 3 + 1)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _move_window(s, history, at_lane, lane, channel, q):  # type: ignore[no-untyped-def]
    x = s.n[lane]
    p, r = x[P], x[R]
    if x[COLUMN] < x[N] or s.left[lane, channel] < 0:
        s.square[lane, q, THIRD] = 0
        s.product[lane, q, THIRD] = 0
        for y in range(1, 7):
            for column in range(-6, 7):
                _take(s, history, at_lane, lane, channel, q, y * r - column * p, 1.0)
        s.left[lane, channel] = 0
    else:
        for y in range(1, 7):
            _take(s, history, at_lane, lane, channel, q, y * r - 6 * p, 1.0)
            _take(s, history, at_lane, lane, channel, q, y * r + 7 * p, -1.0)
        _take(s, history, at_lane, lane, channel, q, p, 1.0)
        if s.left[lane, channel] == 6:
            _take(s, history, at_lane, lane, channel, q, 7 * p, -1.0)
        else:
            s.left[lane, channel] += 1
    solve(s.square[lane, q, THIRD], s.product[lane, q, THIRD], s.weight[lane, q, THIRD], 20, 8.0)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _take(s, history, at_lane, lane, channel, q, d, share):  # type: ignore[no-untyped-def]
    x = s.n[lane]
    position = at_lane[POSITION]
    if position - at_lane[BEGIN] - d < x[FURTHEST]:
        return
    here, w = position - d, x[W]
    z = np.zeros(3)
    for k in range(3):
        other = k * w if k < x[N] else 0
        z[k] = np.float64(_raw(history, here - x[P] - other, w) + _raw(history, here - x[R] - other, w))
    seen = np.zeros(20)
    for i in range(20):
        far, k = s.neighbours[lane, channel, i]
        seen[i] = np.float64(2 * _raw(history, here - far, w)) - z[k]
    target = np.float64(2 * _raw(history, here, w)) - z[0]
    count(s.square[lane, q, THIRD], s.product[lane, q, THIRD], 20, seen, target, share)
