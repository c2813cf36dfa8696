"""The operations as single passes over memory, forward and backward; on a CPU, by kernels.cpp."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor

from nzip.train import kernels


class Kernels(Protocol):
    """The recurrence and the norm on one kind of device; kernels.py explains the functions."""

    @property
    def cell_forward(self) -> Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]: ...

    @property
    def cell_backward(
        self,
    ) -> Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]: ...

    @property
    def norm_forward(self) -> Callable[[Tensor, Tensor | None], tuple[Tensor, Tensor, Tensor]]: ...

    @property
    def norm_backward(self) -> Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]: ...


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
    def forward(
        ctx: Any, kernels: Kernels, a: Tensor, bias: Tensor, start: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor]:
        c, y = kernels.cell_forward(a, bias, start, state)
        ctx.save_for_backward(a, bias, start, state, c)
        ctx.kernels = kernels
        last = c[:, -1].contiguous()
        ctx.mark_non_differentiable(last)
        return y, last

    @staticmethod
    def backward(ctx: Any, dy: Tensor, _: Tensor) -> tuple[None, Tensor, Tensor, None, None]:
        a, bias, start, state, c = ctx.saved_tensors
        return None, *ctx.kernels.cell_backward(a, bias, start, state, c, dy.contiguous()), None, None


class _AddNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, kernels: Kernels, h: Tensor, u: Tensor | None) -> tuple[Tensor, Tensor]:
        total, x, inverse = kernels.norm_forward(h, u)
        ctx.save_for_backward(total, inverse)
        ctx.kernels, ctx.two = kernels, u is not None
        return total, x

    @staticmethod
    def backward(ctx: Any, dtotal: Tensor, dx: Tensor) -> tuple[None, Tensor, Tensor | None]:
        total, inverse = ctx.saved_tensors
        dh, du = ctx.kernels.norm_backward(total, inverse, dx.contiguous(), dtotal.contiguous())
        return None, dh, du if ctx.two else None


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


def cell_by(kernels: Kernels, a: Tensor, bias: Tensor, start: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    y, last = _Cell.apply(kernels, a, bias, start, state)
    return y, last


def add_norm_by(kernels: Kernels, h: Tensor, u: Tensor | None) -> tuple[Tensor, Tensor]:
    total, x = _AddNorm.apply(kernels, h, u)
    return total, x


def cross_entropy(logits: Tensor, bias: Tensor, target: Tensor) -> Tensor:
    result: Tensor = _CrossEntropy.apply(logits, bias, target)
    return result


cell = partial(cell_by, kernels)
add_norm = partial(add_norm_by, kernels)
