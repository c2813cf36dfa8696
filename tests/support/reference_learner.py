"""A second implementation of the learner, from docs/learner.md."""

from __future__ import annotations

import numpy as np

CELLS, STEPS = 64, 20
F = np.float32


def total(terms):
    sums = terms[..., :16].copy()
    for at in range(16, terms.shape[-1], 16):
        sums = sums + terms[..., at : at + 16]
    for half in 8, 4, 2, 1:
        sums = sums[..., :half] + sums[..., half : 2 * half]
    return sums[..., 0]


def added(start, terms):
    for term in terms:
        start = start + term
    return start


def exp(x):
    n = (x * F(1.44269504) + np.where(x < 0, F(-0.5), F(0.5))).astype(np.int32)
    whole = n.astype(F)
    r = (x - whole * F(0.693359375)) + whole * F(2.12194440e-4)
    y = r * (F(1) / F(720)) + F(1) / F(120)
    for coefficient in F(1) / F(24), F(1) / F(6), F(0.5), F(1), F(1):
        y = y * r + coefficient
    return y * np.ldexp(F(1), n)


def bounded(x, bound):
    return np.clip(x, -F(bound), F(bound))


def sigmoid(x):
    return F(1) / (F(1) + exp(bounded(-x, 40)))


def tanh(x):
    return F(2) * sigmoid(F(2) * x) - F(1)


class Learner:
    """Gives the weights of the next byte's 256 values, and takes the byte."""

    def __init__(self):
        self.random = 1
        self.w = self.drawn((CELLS, 192), 0.125)
        self.r = self.drawn((2, 256, 192), 0.125)
        self.out = self.drawn((CELLS, 256), 0.02)
        self.gain, self.bias = np.ones(192, F), np.zeros(192, F)
        self.bias[:CELLS] = 1
        self.v, self.c, self.h = np.zeros(256, F), np.zeros(CELLS, F), np.zeros(CELLS, F)
        self.squares = {name: np.zeros_like(getattr(self, name)) for name in ("w", "r", "gain", "bias")}
        self.slow, self.fade, self.updates = F(1), F(1), 0
        self.last, self.steps = (10, 0), []

    def drawn(self, shape, bound):
        values = np.empty(shape, F).reshape(-1)
        for at in range(values.size):
            self.random = (1664525 * self.random + 1013904223) % 2**32
            values[at] = (F(self.random >> 8) * F(2**-23) - F(1)) * F(bound)
        return values.reshape(shape)

    def weights(self):
        last, before = self.last
        n = added(self.r[0, last] + self.r[1, before], self.h[:, None] * self.w).reshape(3, CELLS)
        s = F(1) / np.sqrt(total(n * n) / F(CELLS) + F(1e-5))
        n = n * s[:, None]
        a = (n.reshape(-1) * self.gain + self.bias).reshape(3, CELLS)
        f, z, o = sigmoid(a[0]), tanh(a[1]), sigmoid(a[2])
        c = f * self.c + (F(1) - f) * z
        b = tanh(c)
        h = o * b
        self.steps.append([self.last, n, s, f, z, o, self.c, self.h, b, h, None])
        self.c, self.h = c, h
        y = added(self.v, h[:, None] * self.out)
        e = exp(bounded(y - y.max(), 40))
        self.p = e * (F(1) / total(e))
        return (self.p * F(2**22)).astype(np.int32) + 1

    def take(self, byte):
        self.p[byte] -= F(1)
        h, rate = self.steps[-1][9], F(0.02) * self.slow
        self.v = self.v - rate * self.p
        self.steps[-1][10] = bounded(total(self.p * self.out), 2)
        self.out = self.out - (rate * h)[:, None] * self.p
        self.last = byte, self.last[0]
        if len(self.steps) == STEPS:
            self.go_back()

    def go_back(self):
        dh, dc = np.zeros(CELLS, F), np.zeros(CELLS, F)
        gain_sum, bias_sum = np.zeros(192, F), np.zeros(192, F)
        deltas = []
        for _, n, s, f, z, o, c, _, b, _, error in reversed(self.steps):
            e = dh + error
            q = dc + e * o * (F(1) - b * b)
            d = np.stack(
                [q * (c - z) * f * (F(1) - f), q * (F(1) - f) * (F(1) - z * z), e * b * o * (F(1) - o)]
            )
            dc = q * f
            bias_sum = bias_sum + d.reshape(-1)
            gain_sum = gain_sum + (d * n).reshape(-1)
            d = d * self.gain.reshape(3, CELLS)
            m = total(d * n) / F(CELLS)
            d = ((d - n * m[:, None]) * s[:, None]).reshape(-1)
            dh = bounded(total(d * self.w), 2)
            deltas.insert(0, d)
        sums = {"gain": gain_sum, "bias": bias_sum, "w": np.zeros_like(self.w), "r": np.zeros_like(self.r)}
        used = np.zeros((2, 256), bool)
        for step, d in zip(self.steps, deltas, strict=True):
            sums["w"] = sums["w"] + step[7][:, None] * d
            for k, byte in enumerate(step[0]):
                sums["r"][k, byte] = sums["r"][k, byte] + d
                used[k, byte] = True
        self.fade = self.fade * F(0.999)
        for name, t in sums.items():
            square = F(0.999) * self.squares[name] + ((F(1) - F(0.999)) * t) * t
            move = (F(0.01) * self.slow) * t / (np.sqrt(square * (F(1) / (F(1) - self.fade))) + F(1e-6))
            is_used = used[:, :, None] if name == "r" else True
            self.squares[name] = np.where(is_used, square, self.squares[name])
            setattr(self, name, np.where(is_used, getattr(self, name) - move, getattr(self, name)))
        self.updates += 1
        self.slow = max(F(0.2), F(1) / np.sqrt(F(1) + F(0.0001) * F(self.updates)))
        self.steps = []
