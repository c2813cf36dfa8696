"""The recurrence and the norm of kernels.cpp once more, for GPUs: single passes over memory, by Triton.

Shapes, rules and names are those of kernels.py, whose functions have the same arguments.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

_CHANNELS = 128  # of a program of the recurrence, which goes through all steps of a lane

_MOST_STEPS = tl.constexpr(127.0)
_CELL_STEPS, _NORM_STEPS = tl.constexpr(128.0), tl.constexpr(16.0)  # in 1
_NORM_BOUND = tl.constexpr(8.0)
_EPSILON = tl.constexpr(1e-5)
_ROUND = tl.constexpr(1.5 * 2**23)  # added and taken away, it leaves the nearest whole number of a float32


@triton.jit
def _quantized(x, steps):
    """The nearest whole number of steps, at most 127; ``steps`` of them make 1."""
    whole = tl.minimum(tl.maximum(x * steps, -_MOST_STEPS), _MOST_STEPS)
    return ((whole + _ROUND) - _ROUND) / steps


@triton.jit
def _sigmoid(x):
    u = 4 - tl.minimum(tl.abs(x), 4.0)
    tail = u * u * (1 / 32)
    return tl.where(x > 0, 1 - tail, tail)


@triton.jit
def _sigmoid_slope(x):
    return (4 - tl.minimum(tl.abs(x), 4.0)) * (1 / 16)


@triton.jit
def _tanh(x):
    u = 2 - tl.minimum(tl.abs(x), 2.0)
    size = 1 - u * u * 0.25
    return tl.where(x > 0, size, -size)


@triton.jit
def _tanh_slope(x):
    return (2 - tl.minimum(tl.abs(x), 2.0)) * 0.5


@triton.jit
def _load_three(at, d, there):
    """The values of channels for z, g and o, which stand d apart."""
    z = tl.load(at, there, 0.0).to(tl.float32)
    g = tl.load(at + d, there, 0.0).to(tl.float32)
    o = tl.load(at + 2 * d, there, 0.0).to(tl.float32)
    return z, g, o


@triton.jit
def _cell_forward(a, bias, start, state, c, y, steps, d, CHANNELS: tl.constexpr):  # noqa: N803
    lane = tl.program_id(0).to(tl.int64)
    j = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    there = j < d
    bias_z, bias_g, bias_o = _load_three(bias + j, d, there)
    now = tl.load(state + lane * d + j, there, 0.0)
    for t in range(steps):
        i = lane * steps + t
        a_z, a_g, a_o = _load_three(a + i * 3 * d + j, d, there)
        z, g, o = _tanh(a_z + bias_z), _sigmoid(a_g + bias_g), _sigmoid(a_o + bias_o)
        now = tl.where(tl.load(start + i) == 0, now, 0.0)
        now += g * (z - now)
        tl.store(c + i * d + j, now, there)
        tl.store(y + i * d + j, _quantized(o * now, _CELL_STEPS).to(tl.bfloat16), there)


@triton.jit
def _cell_backward(a, bias, start, state, c, dy, da, dbias, steps, d, CHANNELS: tl.constexpr):  # noqa: N803
    """dbias is one gradient for each lane, to be summed."""
    lane = tl.program_id(0).to(tl.int64)
    j = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    there = j < d
    bias_z, bias_g, bias_o = _load_three(bias + j, d, there)
    first = tl.load(state + lane * d + j, there, 0.0)
    dc = tl.zeros([CHANNELS], tl.float32)
    sum_z = tl.zeros([CHANNELS], tl.float32)
    sum_g = tl.zeros([CHANNELS], tl.float32)
    sum_o = tl.zeros([CHANNELS], tl.float32)
    now = tl.load(c + (lane * steps + steps - 1) * d + j, there, 0.0)
    for back in range(steps):
        t = steps - 1 - back
        i = lane * steps + t
        a_z, a_g, a_o = _load_three(a + i * 3 * d + j, d, there)
        a_z, a_g, a_o = a_z + bias_z, a_g + bias_g, a_o + bias_o
        keep = tl.where(tl.load(start + i) == 0, 1.0, 0.0)
        has_before = (tl.zeros([CHANNELS], tl.int32) + t) > 0
        before = tl.where(has_before, tl.load(c + (i - 1) * d + j, there & has_before, 0.0), first)
        old = before * keep
        g = _sigmoid(a_g)
        d_y = tl.load(dy + i * d + j, there, 0.0).to(tl.float32)
        dc += d_y * _sigmoid(a_o)
        d_z = dc * g * _tanh_slope(a_z)
        d_g = dc * (_tanh(a_z) - old) * _sigmoid_slope(a_g)
        d_o = d_y * now * _sigmoid_slope(a_o)
        out = da + i * 3 * d + j
        tl.store(out, d_z.to(tl.bfloat16), there)
        tl.store(out + d, d_g.to(tl.bfloat16), there)
        tl.store(out + 2 * d, d_o.to(tl.bfloat16), there)
        sum_z += d_z
        sum_g += d_g
        sum_o += d_o
        dc = dc * (1 - g) * keep
        now = before
    out = dbias + lane * 3 * d + j
    tl.store(out, sum_z, there)
    tl.store(out + d, sum_g, there)
    tl.store(out + 2 * d, sum_o, there)


@triton.jit
def _norm_forward(h, u, total, x, inverse, d, TWO: tl.constexpr, CHANNELS: tl.constexpr):  # noqa: N803
    row = tl.program_id(0).to(tl.int64)
    j = tl.arange(0, CHANNELS)
    there = j < d
    at = row * d + j
    v = tl.load(h + at, there, 0.0)
    if TWO:
        v += tl.load(u + at, there, 0.0).to(tl.float32)
    inv = 1 / tl.sqrt(tl.sum(v * v, 0) / d + _EPSILON)
    tl.store(total + at, v, there)
    tl.store(x + at, _quantized(v * inv, _NORM_STEPS).to(tl.bfloat16), there)
    tl.store(inverse + row, inv)


@triton.jit
def _norm_backward(total, inverse, dx, dtotal, dh, du, d, CHANNELS: tl.constexpr):  # noqa: N803
    row = tl.program_id(0).to(tl.int64)
    j = tl.arange(0, CHANNELS)
    there = j < d
    at = row * d + j
    inv = tl.load(inverse + row)
    r = tl.load(total + at, there, 0.0) * inv
    g = tl.where(tl.abs(r) < _NORM_BOUND, tl.load(dx + at, there, 0.0).to(tl.float32), 0.0)
    gradient = tl.load(dtotal + at, there, 0.0) + inv * (g - r * (tl.sum(r * g, 0) / d))
    tl.store(dh + at, gradient, there)
    tl.store(du + at, gradient.to(tl.bfloat16), there)


def cell_forward(a: Tensor, bias: Tensor, start: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    (lanes, steps), d = start.shape, state.shape[1]
    c = torch.empty(lanes, steps, d, device=a.device)
    y = torch.empty(lanes * steps, d, dtype=torch.bfloat16, device=a.device)
    grid = lanes, triton.cdiv(d, _CHANNELS)
    _cell_forward[grid](a, bias, start, state, c, y, steps, d, _CHANNELS)
    return c, y


def cell_backward(
    a: Tensor, bias: Tensor, start: Tensor, state: Tensor, c: Tensor, dy: Tensor
) -> tuple[Tensor, Tensor]:
    (lanes, steps), d = start.shape, state.shape[1]
    da, dbias = torch.empty_like(a), torch.empty(lanes, 3 * d, device=a.device)
    grid = lanes, triton.cdiv(d, _CHANNELS)
    _cell_backward[grid](a, bias, start, state, c, dy, da, dbias, steps, d, _CHANNELS)
    return da, dbias.sum(0)


def norm_forward(h: Tensor, u: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    n, d = h.shape
    total, x = torch.empty_like(h), torch.empty(n, d, dtype=torch.bfloat16, device=h.device)
    inverse = torch.empty(n, device=h.device)
    two, channels = u is not None, triton.next_power_of_2(d)
    _norm_forward[n,](h, u if two else h, total, x, inverse, d, two, channels)
    return total, x, inverse


def norm_backward(total: Tensor, inverse: Tensor, dx: Tensor, dtotal: Tensor) -> tuple[Tensor, Tensor]:
    n, d = total.shape
    dh, du = torch.empty_like(total), torch.empty_like(dx)
    _norm_backward[n,](total, inverse, dx, dtotal, dh, du, d, triton.next_power_of_2(d))
    return dh, du
