"""A step of the byte network: from rows of its tables to the weights of the next byte (docs/model.md)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from nzip.reference.bit_length import bit_length

_1 = np.uint64(1)


@njit(cache=True)
def _clamp(v, b):
    return min(max(v, -b), b)


@njit(cache=True)
def _tanh(a):
    u = 2048 - min(abs(a), 2048)
    v = 16384 - (u * u >> 8)
    return v if a >= 0 else -v


@njit(cache=True)
def _sigmoid(a):
    u = 4096 - min(abs(a), 4096)
    v = u * u >> 10
    return 32768 - v if a >= 0 else v


@njit(cache=True)
def root(v):
    """The square root of a u64, rounded down."""
    r = np.uint64(min(math.sqrt(np.float64(v)), 4294967295.0))
    while r * r > v:
        r -= _1
    while r < np.uint64(0xFFFFFFFF) and (r + _1) * (r + _1) <= v:
        r += _1
    return r


@njit(cache=True)
def _norm(h, x):
    d = len(h)
    s = 168 * d
    for j in range(d):
        s += h[j] * h[j]
    e = 0
    while s >> (62 - 2 * e) == 0:
        e += 1
    r = root(np.uint64(s) << np.uint64(2 * e))
    factor = root(np.uint64(d) << np.uint64(40))
    q = np.int64((factor << np.uint64(32)) // r)
    n = bit_length(q) - 11
    k = q >> n
    t = 48 - e - n
    for j in range(d):
        x[j] = _clamp((h[j] * k + (1 << (t - 1))) >> t, 127)


# Sums of products are integers below 2^24, so floats hold them exactly, in whatever order they are added.
@njit(cache=True, fastmath=True)
def _product(w, x):
    total = np.float32(0)
    for j in range(len(x)):
        total += w[j] * x[j]
    return np.int64(total)


@njit(cache=True)
def _scaled(w, m, s, x, out):
    for i in range(len(out)):
        out[i] = (_product(w[i], x) * m[i] + (1 << (s - 1))) >> s


@njit(cache=True)
def _sum_rows(network, tables, rows, total):
    total[:] = 0
    for t in tables:
        width, first = network.width[t], network.first[t]
        at = network.offset[t] + rows[t] * width
        for j in range(width):
            total[first + j] += network.values[at + j]


@njit(cache=True)
def step(network, c, rows, weights):
    """Writes the 256 weights for these rows; c is the lane's state, d integers for every layer."""
    layers, d = c.shape
    a, h = np.zeros(3 * d, np.int64), np.zeros(d, np.int64)
    x, y, more = np.zeros(d, np.float32), np.zeros(d, np.float32), np.zeros(d, np.int64)
    _sum_rows(network, range(network.gates), rows, a)
    a = 32 * a + network.b[0]
    _sum_rows(network, range(network.gates, len(rows)), rows, h)
    h *= 128
    for layer in range(layers):
        if layer > 0:
            _norm(h, x)
            _scaled(network.w1[layer], network.m1[layer], network.shifts[2 * layer - 1], x, a)
            a += network.b[layer]
        for j in range(d):
            z, g, o = _tanh(a[j]), _sigmoid(a[d + j]), _sigmoid(a[2 * d + j])
            c[layer, j] += ((z - (c[layer, j] >> 8)) * g + 64) >> 7
            y[j] = _clamp((o * (c[layer, j] >> 8) + (1 << 21)) >> 22, 127)
        _scaled(network.w2[layer], network.m2[layer], network.shifts[2 * layer], y, more)
        for j in range(d):
            h[j] = _clamp(h[j] + more[j], (1 << 19) - 1)
    _norm(h, x)
    logit = np.zeros(256, np.int64)
    _scaled(network.wo, network.mo, network.shifts[2 * layers - 1], x, logit)
    logit += network.bo
    top = logit.max()
    for i in range(256):
        t = top - logit[i]
        f = t & 1023
        v = (1 << 22) - f * (2751 - (703 * f >> 10))
        weights[i] = max(v >> min(t >> 10, 31), 1)
