"""Linear functions that are fitted while a lane goes (docs/format/engine1/samples.md, Fitted functions)."""

from __future__ import annotations

import numpy as np
from numba import njit

MORE, FEW, THIRD = range(3)
FUNCTIONS = 3
MOST_INPUTS = 64


@njit(cache=True)
def evaluate(weight, x, n):
    total = 0.0
    for i in range(n):
        total = total + weight[i] * x[i]
    return total


@njit(cache=True)
def update(square, product, n, x, y, memory):
    for i in range(n):
        for j in range(n):
            square[i, j] = square[i, j] * memory + x[i] * x[j]
        product[i] = product[i] * memory + x[i] * y


@njit(cache=True)
def count(square, product, n, x, y, share):
    for i in range(n):
        for j in range(n):
            square[i, j] = square[i, j] + x[i] * share * x[j]
        product[i] = product[i] + x[i] * share * y


@njit(cache=True)
def solve(square, product, weight, n, ridge):
    """Fits the weights; they stay as they were where that does not succeed."""
    a = square[:n, :n].copy()
    b = product[:n].copy()
    v = np.zeros(n)
    for i in range(n):
        a[i, i] = a[i, i] + (ridge + square[i, i] * 1e-7)
    for k in range(n):
        if not a[k, k] >= ridge * 0.25:
            return
        inverse = 1.0 / a[k, k]
        for j in range(k + 1, n):
            f = a[k, j] * inverse
            for i in range(j, n):
                a[j, i] = a[j, i] - f * a[k, i]
            b[j] = b[j] - f * b[k]
    for k in range(n - 1, -1, -1):
        total = b[k]
        for i in range(k + 1, n):
            total = total - a[k, i] * v[i]
        v[k] = total / a[k, k]
        if not -1e4 < v[k] < 1e4:
            return
    weight[:n] = v
