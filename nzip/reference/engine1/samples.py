"""Arrays of numbers: layout, neighbours, predictions (docs/format/engine1/samples.md).

Doubles are rounded after each operation; numba fuses none of them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from nzip.reference.engine1.fitted import (
    FEW,
    MORE,
    THIRD,
    count,
    evaluate,
    solve,
    update,
)
from nzip.reference.engine1.hashes import shifted
from nzip.reference.engine1.lane import BEGIN, POSITION, SEGMENT_BEGIN
from nzip.reference.engine1.samples_layout import (
    BEHIND,
    CHANNEL,
    COLUMN,
    FLAT,
    FLOATS,
    FURTHEST,
    INDEX,
    LOCAL,
    LOGS,
    MISSING,
    PLACE,
    PREDICTED,
    PREFIX,
    ROUGHNESS,
    SCALE,
    SEEN,
    STARTED,
    N,
    P,
    R,
    W,
    log8,
)


@njit(cache=True)
def _raw(history, at, count_):
    value = 0
    for i in range(count_):
        value = value << 8 | np.int64(history[at + i])
    return value


@njit(cache=True)
def _number(history, lane_numbers, x, d):
    """The first b bytes of the number so many bytes back."""
    if d > lane_numbers[POSITION] - lane_numbers[BEGIN]:
        return x[MISSING]
    return _raw(history, lane_numbers[POSITION] - d, x[PREDICTED])


@njit(cache=True)
def value_of(x, o):
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


@njit(cache=True)
def ordered(x, v):
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


@njit(cache=True)
def _middle(x):
    return 0.0 if x[FLOATS] else np.float64(1 << (8 * x[PREDICTED] - 1))


@njit(cache=True)
def _ridge(x):
    return 1e-30 if x[FLOATS] else 1.0


@njit(cache=True)
def ready_samples(s, history, lane_numbers, lane):
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


@njit(cache=True)
def _learn(s, lane, actual):
    x = s.n[lane]
    q = x[CHANNEL] & 3
    for i in range(13):
        e = np.float64(abs(s.prediction[lane, i] - 16 * actual))
        s.error[lane, q, i] = s.error[lane, q, i] + (e - s.error[lane, q, i]) * 0.0625
    log4 = log8(abs(s.prediction[lane, 12] - 16 * actual) + 1) // 2
    s.logs[lane, x[INDEX] % LOGS] = log4
    difference = 65536 * log4 - s.slow[lane, q]
    s.slow[lane, q] += difference // 64 if difference >= 0 else -(-difference // 64)
    y = value_of(x, actual) - s.base[lane, 0]
    ridge = _ridge(x)
    _update(s, lane, q, MORE, y, 0.998, ridge)
    _update(s, lane, q, FEW, y, 0.98, ridge)
    if not x[LOCAL]:
        _update(s, lane, q, THIRD, y, 0.998 if x[FLAT] else 0.9996, ridge)


@njit(cache=True)
def inputs_of(x, function):
    return 20 if function == MORE else 12 if function == FEW else x[SEEN]


@njit(cache=True)
def _update(s, lane, q, f, y, memory, ridge):
    n = inputs_of(s.n[lane], f)
    update(s.square[lane, q, f], s.product[lane, q, f], n, s.input[lane], y, memory)
    s.since[lane, q, f] += 1
    if s.since[lane, q, f] == 6:
        s.since[lane, q, f] = 0
        solve(s.square[lane, q, f], s.product[lane, q, f], s.weight[lane, q, f], n, ridge)


@njit(cache=True)
def _fit(s, lane, q, f):
    return evaluate(s.weight[lane, q, f], s.input[lane], inputs_of(s.n[lane], f))


@njit(cache=True)
def _begin_number(s, history, at_lane, lane, at):
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


@njit(cache=True)
def _predict(s, lane, q):
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


@njit(cache=True)
def _fixed_flat(x, prediction, v, c, cw, cn):
    prediction[3] = ordered(x, v[0])
    prediction[4] = ordered(x, 2.0 * v[0] - v[1])
    prediction[5] = ordered(x, 3.0 * v[0] - 3.0 * v[1] + v[2])
    prediction[6] = ordered(x, 4.0 * v[0] - 6.0 * v[1] + 4.0 * v[2] - v[3])
    prediction[7] = ordered(x, (v[0] + v[1]) * 0.5)
    prediction[8] = ordered(x, v[0] + c - cw)
    prediction[9] = ordered(x, c if x[BEHIND] else v[1])
    prediction[10] = ordered(x, 2.0 * v[0] - v[1] + c - 2.0 * cw + cn)
    prediction[11] = ordered(x, (v[0] + v[1] + v[2] + v[3]) * 0.25)


@njit(cache=True)
def _fixed(x, prediction, v, c, cw, cn, cnw):
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


@njit(cache=True)
def _power(log):
    return (4 + (log & 3)) << (log >> 2) >> 2


@njit(cache=True)
def _late_error(s, lane, q, k):
    index = s.n[lane, INDEX]
    if k < LOGS and k <= index:
        return _power(s.logs[lane, (index - k) % LOGS])
    return _power(s.slow[lane, q] >> 16)


@njit(cache=True)
def _scale(s, lane, q):
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


@njit(cache=True)
def _move_window(s, history, at_lane, lane, channel, q):
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


@njit(cache=True)
def _take(s, history, at_lane, lane, channel, q, d, share):
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
