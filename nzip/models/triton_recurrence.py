"""The recurrence of the byte network on GPUs: one launch for all steps, where torch takes five for each."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

_CHANNELS = 128  # of a program, which goes through all steps


@triton.jit
def _recurrence(z, share, state, cells, steps, width, CHANNELS: tl.constexpr):  # noqa: N803
    """width: channels of all lanes together."""
    j = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    there = j < width
    now = tl.load(state + j, there, 0)
    for _ in range(steps):
        now += ((tl.load(z + j, there, 0) - (now >> 8)) * tl.load(share + j, there, 0) + 64) >> 7
        tl.store(cells + j, now, there)
        z += width
        share += width
        cells += width


def recurrence(z: Tensor, share: Tensor, state: Tensor) -> Tensor:
    """The cells after each step, int32 [steps, lanes, channels] as z and share; state [lanes, channels]."""
    z, share, state, cells = z.contiguous(), share.contiguous(), state.contiguous(), torch.empty_like(z)
    width = state.numel()
    _recurrence[triton.cdiv(width, _CHANNELS),](z, share, state, cells, len(z), width, _CHANNELS)
    return cells
