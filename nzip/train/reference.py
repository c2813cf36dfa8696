"""The operations in plain torch, differentiated by it: for CUDA, and the truth for the tests of fused.py."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from nzip.train.quantize import cell_values, normalized_values, table_values

EPSILON = 1e-5  # added to the mean square, as the integer network adds 168 d to the sum in 2^-24


def gather(rows: Tensor, table: Tensor, dtype: torch.dtype) -> Tensor:
    return F.embedding_bag(rows, table_values(table), mode="sum").to(dtype)


def cell(a: Tensor, bias: Tensor, start: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    lanes, steps = start.shape
    z, g, o = (a.float() + bias).view(lanes, steps, -1).chunk(3, 2)
    share = sigmoid(g)
    keep = (1 - share) * (start == 0)[:, :, None]
    c = scan(keep, share * tanh(z), state)
    return cell_values(sigmoid(o) * c).view(lanes * steps, -1), c[:, -1].detach()


def add_norm(h: Tensor, u: Tensor | None) -> tuple[Tensor, Tensor]:
    total = h if u is None else h + u.float()
    return total, normalized_values(total * (total.square().mean(1, keepdim=True) + EPSILON).rsqrt())


def cross_entropy(logits: Tensor, bias: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(logits.float() + bias, target.long())


def sigmoid(x: Tensor) -> Tensor:
    """The integer network's: parabolas that reach 0 and 1 at -4 and 4."""
    tail = (4 - x.abs().clamp_max(4)).square() / 32
    return torch.where(x > 0, 1 - tail, tail)


def tanh(x: Tensor) -> Tensor:
    """The integer network's: parabolas that reach -1 and 1 at -2 and 2."""
    return (1 - (2 - x.abs().clamp_max(2)).square() / 4) * x.sign()


def scan(keep: Tensor, gain: Tensor, state: Tensor) -> Tensor:
    """All c[t] = keep[t] c[t - 1] + gain[t], [L, T, d], from the state, in log2 T steps of doubling reach.

    A linear recurrence is a sum of products, which may be taken in any order (Martin and Cundy 2018).
    """
    gain = torch.cat([gain[:, :1] + keep[:, :1] * state[:, None], gain[:, 1:]], 1)
    reach = 1
    while reach < gain.shape[1]:
        gain = torch.cat([gain[:, :reach], gain[:, reach:] + keep[:, reach:] * gain[:, :-reach]], 1)
        keep = torch.cat([keep[:, :reach], keep[:, reach:] * keep[:, :-reach]], 1)
        reach *= 2
    return gain
