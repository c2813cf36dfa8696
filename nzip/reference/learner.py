"""The network that learns while it predicts (docs/learner.md). All floats have 32 bits; nothing is fused."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

_CELLS = 64
_GATES = 192
_STEPS = 20

_F = np.float32
_0, _1, _2, _HALF = _F(0), _F(1), _F(2), _F(0.5)
_MOST = _F(40)
_SIXTY_FOUR = _F(64)
_SMALL = _F(0.00001)
_SMALLER = _F(0.000001)
_LOG2_E = _F(1.44269504)
_LN2_HIGH, _LN2_LOW = _F(0.693359375), _F(0.00021219444)
_C6, _C5, _C4, _C3 = _F(1 / 720), _F(1 / 120), _F(1 / 24), _F(1 / 6)
_FADE = _F(0.999)
_REST = _1 - _FADE
_RATE_OF_OUTPUTS, _RATE = _F(0.02), _F(0.01)
_SLOWEST, _SLOWING = _F(0.2), _F(0.0001)
_2_22 = _F(2**22)

# Places of single numbers.
_SLOW, _FADED = range(2)
_LAST, _BEFORE, _STEP, _LEARNED = range(4)


class Learner(NamedTuple):
    """A lane's learner. Of the last steps, the first index is the step."""

    w: npt.NDArray[np.float32]
    r: npt.NDArray[np.float32]
    v: npt.NDArray[np.float32]
    gain: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    y0: npt.NDArray[np.float32]
    c: npt.NDArray[np.float32]
    h: npt.NDArray[np.float32]
    w_sum: npt.NDArray[np.float32]
    r_sum: npt.NDArray[np.float32]
    gain_sum: npt.NDArray[np.float32]
    bias_sum: npt.NDArray[np.float32]
    numbers: npt.NDArray[np.float32]
    counts: npt.NDArray[np.int64]
    p: npt.NDArray[np.float32]
    rows: npt.NDArray[np.int64]
    n: npt.NDArray[np.float32]
    s: npt.NDArray[np.float32]
    g: npt.NDArray[np.float32]
    c_before: npt.NDArray[np.float32]
    h_before: npt.NDArray[np.float32]
    b: npt.NDArray[np.float32]
    error: npt.NDArray[np.float32]


@cache
def _drawn() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    w = np.empty((_CELLS, _GATES), np.float32)
    r = np.empty((2, 256, _GATES), np.float32)
    v = np.empty((_CELLS, 256), np.float32)
    x = 1
    for table, bound in (w, _F(0.125)), (r, _F(0.125)), (v, _F(0.02)):
        flat = table.reshape(-1)
        for i in range(len(flat)):
            x = (1664525 * x + 1013904223) & 0xFFFFFFFF
            flat[i] = (_F(x >> 8) * _F(2**-23) - _1) * bound
    return w, r, v


def fresh_learner() -> Learner:
    w, r, v = (table.copy() for table in _drawn())

    def zeros(*shape: int) -> npt.NDArray[np.float32]:
        return np.zeros(shape, np.float32)

    bias = zeros(_GATES)
    bias[:_CELLS] = 1
    return Learner(
        w,
        r,
        v,
        np.ones(_GATES, np.float32),
        bias,
        zeros(256),
        zeros(_CELLS),
        zeros(_CELLS),
        zeros(*w.shape),
        zeros(*r.shape),
        zeros(_GATES),
        zeros(_GATES),
        np.ones(2, np.float32),
        np.array([10, 0, 0, 0], np.int64),
        zeros(256),
        np.zeros((_STEPS, 2), np.int64),
        zeros(_STEPS, _GATES),
        zeros(_STEPS, 3),
        zeros(_STEPS, _GATES),
        zeros(_STEPS, _CELLS),
        zeros(_STEPS, _CELLS),
        zeros(_STEPS, _CELLS),
        zeros(_STEPS, _CELLS),
    )


@njit(cache=True)
def _total(x):
    """A sum in the order of the specification: sixteen sums, then these."""
    sums = np.zeros(16, np.float32)
    for at in range(0, len(x), 16):
        for k in range(16):
            sums[k] = sums[k] + x[at + k]
    half = 8
    while half > 0:
        for k in range(half):
            sums[k] = sums[k] + sums[k + half]
        half //= 2
    return sums[0]


@njit(cache=True)
def _bounded(x, m):
    return min(max(x, -m), m)


@njit(cache=True)
def _exp(x):
    n = np.int64(x * _LOG2_E + (-_HALF if x < _0 else _HALF))
    whole = _F(n)
    r = (x - whole * _LN2_HIGH) + whole * _LN2_LOW
    e = ((((((_C6 * r + _C5) * r + _C4) * r + _C3) * r + _HALF) * r + _1) * r) + _1
    return e * _F(2.0 ** np.float64(n))


@njit(cache=True)
def _sigmoid(x):
    return _1 / (_1 + _exp(_bounded(-x, _MOST)))


@njit(cache=True)
def _tanh(x):
    return _2 * _sigmoid(_2 * x) - _1


@njit(cache=True)
def predict(learner, factors, weights):
    """Writes the 256 weights of the next byte; ``factors`` are a network's weights, or empty."""
    step = learner.counts[_STEP]
    last, before = learner.counts[_LAST], learner.counts[_BEFORE]
    learner.rows[step, 0], learner.rows[step, 1] = last, before
    n, g, c, h = learner.n[step], learner.g[step], learner.c, learner.h
    learner.c_before[step, :], learner.h_before[step, :] = c, h
    for j in range(_GATES):
        n[j] = learner.r[0, last, j] + learner.r[1, before, j]
    for i in range(_CELLS):
        for j in range(_GATES):
            n[j] = n[j] + h[i] * learner.w[i, j]
    for part in range(3):
        of = n[part * _CELLS : (part + 1) * _CELLS]
        s = _1 / np.sqrt(_total(of * of) / _SIXTY_FOUR + _SMALL)
        learner.s[step, part] = s
        for j in range(_CELLS):
            of[j] = of[j] * s
    for j in range(_GATES):
        a = n[j] * learner.gain[j] + learner.bias[j]
        g[j] = _tanh(a) if _CELLS <= j < 2 * _CELLS else _sigmoid(a)
    for i in range(_CELLS):
        f, z, o = g[i], g[_CELLS + i], g[2 * _CELLS + i]
        c[i] = f * c[i] + (_1 - f) * z
        learner.b[step, i] = _tanh(c[i])
        h[i] = o * learner.b[step, i]
    _output(learner, factors, weights)


@njit(cache=True)
def _output(learner, factors, weights):
    y = learner.y0.copy()
    for i in range(_CELLS):
        for k in range(256):
            y[k] = y[k] + learner.h[i] * learner.v[i, k]
    top = y.max()
    e = learner.p
    for k in range(256):
        e[k] = _exp(_bounded(y[k] - top, _MOST))
        if len(factors):
            e[k] = e[k] * _F(factors[k])
    share = _1 / _total(e)
    for k in range(256):
        e[k] = e[k] * share
        weights[k] = np.int64(e[k] * _2_22) + 1


@njit(cache=True)
def learn(learner, byte):
    """The byte that was predicted has come."""
    step = learner.counts[_STEP]
    p = learner.p
    p[byte] = p[byte] - _1
    rate = _RATE_OF_OUTPUTS * learner.numbers[_SLOW]
    for k in range(256):
        learner.y0[k] = learner.y0[k] - rate * p[k]
    for i in range(_CELLS):
        learner.error[step, i] = _bounded(_total(p * learner.v[i]), _2)
        amount = rate * learner.h[i]
        for k in range(256):
            learner.v[i, k] = learner.v[i, k] - amount * p[k]
    learner.counts[_BEFORE], learner.counts[_LAST] = learner.counts[_LAST], byte
    learner.counts[_STEP] += 1
    if learner.counts[_STEP] == _STEPS:
        learner.counts[_STEP] = 0
        _go_back(learner)


@njit(cache=True)
def _go_back(learner):
    """Errors go back through the last predictions, and all learn from the sums."""
    d = np.zeros((_STEPS, _GATES), np.float32)
    gain, bias = np.zeros(_GATES, np.float32), np.zeros(_GATES, np.float32)
    dh, dc = np.zeros(_CELLS, np.float32), np.zeros(_CELLS, np.float32)
    for step in range(_STEPS - 1, -1, -1):
        _step_back(learner, step, d[step], dh, dc, gain, bias)
    w = np.zeros((_CELLS, _GATES), np.float32)
    for step in range(_STEPS):
        for i in range(_CELLS):
            for j in range(_GATES):
                w[i, j] = w[i, j] + learner.h_before[step, i] * d[step, j]
    fade = learner.numbers[_FADED] * _FADE
    learner.numbers[_FADED] = fade
    scale = _1 / (_1 - fade)
    rate = _RATE * learner.numbers[_SLOW]
    _improve(learner.w.reshape(-1), learner.w_sum.reshape(-1), w.reshape(-1), rate, scale)
    for table in range(2):
        _improve_rows(learner, table, d, rate, scale)
    _improve(learner.gain, learner.gain_sum, gain, rate, scale)
    _improve(learner.bias, learner.bias_sum, bias, rate, scale)
    learner.counts[_LEARNED] += 1
    learner.numbers[_SLOW] = max(_SLOWEST, _1 / np.sqrt(_1 + _SLOWING * _F(learner.counts[_LEARNED])))


@njit(cache=True)
def _step_back(learner, step, d, dh, dc, gain, bias):
    g, n = learner.g[step], learner.n[step]
    for i in range(_CELLS):
        f, z, o, b = g[i], g[_CELLS + i], g[2 * _CELLS + i], learner.b[step, i]
        e = dh[i] + learner.error[step, i]
        q = dc[i] + e * o * (_1 - b * b)
        d[i] = q * (learner.c_before[step, i] - z) * f * (_1 - f)
        d[_CELLS + i] = q * (_1 - f) * (_1 - z * z)
        d[2 * _CELLS + i] = e * b * o * (_1 - o)
        dc[i] = q * f
    for j in range(_GATES):
        bias[j] = bias[j] + d[j]
        gain[j] = gain[j] + d[j] * n[j]
        d[j] = d[j] * learner.gain[j]
    for part in range(3):
        at = part * _CELLS
        m = _total(d[at : at + _CELLS] * n[at : at + _CELLS]) / _SIXTY_FOUR
        for j in range(at, at + _CELLS):
            d[j] = (d[j] - n[j] * m) * learner.s[step, part]
    for i in range(_CELLS):
        dh[i] = _bounded(_total(d * learner.w[i]), _2)


@njit(cache=True)
def _improve_rows(learner, table, d, rate, scale):
    """Rows of R that were used take a step."""
    for step in range(_STEPS):
        row = learner.rows[step, table]
        if step > 0 and (learner.rows[:step, table] == row).any():
            continue
        t = np.zeros(_GATES, np.float32)
        for other in range(step, _STEPS):
            if learner.rows[other, table] == row:
                t = t + d[other]
        _improve(learner.r[table, row], learner.r_sum[table, row], t, rate, scale)


@njit(cache=True)
def _improve(numbers, sums, t, rate, scale):
    for i in range(len(numbers)):
        sums[i] = _FADE * sums[i] + (_REST * t[i]) * t[i]
        numbers[i] = numbers[i] - (rate * t[i]) / (np.sqrt(sums[i] * scale) + _SMALLER)
