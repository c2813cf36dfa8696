"""The operations as single passes over memory, forward and backward, by kernels.cpp; on the CPU only."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nzip.train import kernels


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, table: Tensor, dtype: torch.dtype) -> Tensor:
        ctx.save_for_backward(rows)
        ctx.height = len(table)
        return kernels.gather(rows, table, dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor, None]:
        (rows,) = ctx.saved_tensors
        return None, kernels.scatter(rows, gradient.contiguous(), ctx.height), None


class _Cell(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, a: Tensor, bias: Tensor, start: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        c, y = kernels.cell_forward(a, bias, start, state)
        ctx.save_for_backward(a, bias, start, state, c)
        last = c[:, -1].contiguous()
        ctx.mark_non_differentiable(last)
        return y, last

    @staticmethod
    def backward(ctx: Any, dy: Tensor, _: Tensor) -> tuple[Tensor, Tensor, None, None]:
        a, bias, start, state, c = ctx.saved_tensors
        return *kernels.cell_backward(a, bias, start, state, c, dy.contiguous()), None, None


class _AddNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, h: Tensor, u: Tensor | None) -> tuple[Tensor, Tensor]:
        total, x, inverse = kernels.norm_forward(h, u)
        ctx.save_for_backward(total, inverse)
        ctx.two = u is not None
        return total, x

    @staticmethod
    def backward(ctx: Any, dtotal: Tensor, dx: Tensor) -> tuple[Tensor, Tensor | None]:
        total, inverse = ctx.saved_tensors
        dh, du = kernels.norm_backward(total, inverse, dx.contiguous(), dtotal.contiguous())
        return dh, du if ctx.two else None


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, bias: Tensor, target: Tensor) -> Tensor:
        mean, gradient = kernels.cross_entropy(logits, bias, target)
        ctx.save_for_backward(gradient)
        return torch.tensor(mean)

    @staticmethod
    def backward(ctx: Any, scale: Tensor) -> tuple[Tensor, Tensor, None]:
        (gradient,) = ctx.saved_tensors
        gradient = gradient * scale.bfloat16()
        return gradient, gradient.float().sum(0), None


def gather(rows: Tensor, table: Tensor, dtype: torch.dtype) -> Tensor:
    result: Tensor = _Gather.apply(rows, table, dtype)
    return result


def cell(a: Tensor, bias: Tensor, start: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    y, last = _Cell.apply(a, bias, start, state)
    return y, last


def add_norm(h: Tensor, u: Tensor | None) -> tuple[Tensor, Tensor]:
    total, x = _AddNorm.apply(h, u)
    return total, x


def cross_entropy(logits: Tensor, bias: Tensor, target: Tensor) -> Tensor:
    result: Tensor = _CrossEntropy.apply(logits, bias, target)
    return result
