"""The Llama architecture, with the names and the order of rotated pairs that GGUF files have."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

ROPE_BASE = 10_000.0
NORM_EPSILON = 1e-5
QUERIES = 128  # positions whose attention is computed together

Turns = tuple[Tensor, Tensor]  # cosines and sines


@dataclass(frozen=True)
class Shape:
    """The model's shape. Heads have ``width // heads`` channels, the same number of keys as of queries."""

    vocabulary: int = 4096
    width: int = 192
    hidden: int = 512
    layers: int = 5
    heads: int = 6
    context: int = 1024  # tokens that it is trained on


class LanguageModel(nn.Module):
    """Logits of the next token at every position; the output matrix is the embedding."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, NORM_EPSILON)
        nn.init.normal_(self.token_embd.weight, std=0.02)
        angles = torch.outer(
            torch.arange(shape.context).float(),
            ROPE_BASE ** (-torch.arange(0, head_size(shape), 2).float() / head_size(shape)),
        )
        self.register_buffer("cosines", angles.cos(), persistent=False)
        self.register_buffer("sines", angles.sin(), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.token_embd(tokens)
        turns = self.cosines[: tokens.shape[1]], self.sines[: tokens.shape[1]]
        for block in self.blk:
            x = block(x, turns)
        logits: Tensor = functional.linear(self.output_norm(x), self.token_embd.weight)
        return logits

    def matrices(self) -> list[nn.Parameter]:
        """The matrices within the blocks."""
        return [parameter for parameter in self.blk.parameters() if parameter.ndim == 2]


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.attn_norm = nn.RMSNorm(width, NORM_EPSILON)
        self.attn_q = nn.Linear(width, width, bias=False)
        self.attn_k = nn.Linear(width, width, bias=False)
        self.attn_v = nn.Linear(width, width, bias=False)
        self.attn_output = nn.Linear(width, width, bias=False)
        self.ffn_norm = nn.RMSNorm(width, NORM_EPSILON)
        self.ffn_gate = nn.Linear(width, shape.hidden, bias=False)
        self.ffn_up = nn.Linear(width, shape.hidden, bias=False)
        self.ffn_down = nn.Linear(shape.hidden, width, bias=False)
        for outer in self.attn_output, self.ffn_down:
            nn.init.zeros_(outer.weight)  # a block begins as the identity

    def forward(self, x: Tensor, turns: Turns) -> Tensor:
        y = self.attn_norm(x)
        q, k, v = (self._split(part(y)) for part in (self.attn_q, self.attn_k, self.attn_v))
        mixed = attend(rotate(q, turns), rotate(k, turns), v)
        x = x + self.attn_output(mixed.transpose(1, 2).flatten(2))
        y = self.ffn_norm(x)
        out: Tensor = x + self.ffn_down(functional.silu(self.ffn_gate(y)) * self.ffn_up(y))
        return out

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


def head_size(shape: Shape) -> int:
    return shape.width // shape.heads


def rotate(x: Tensor, turns: Turns) -> Tensor:
    """Rotary positions; a pair is two neighbouring channels."""
    cosines, sines = (each.to(x.dtype) for each in turns)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cosines - b * sines, a * sines + b * cosines), -1).flatten(-2)


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention, [windows, heads, positions, channels] each.

    On processors that is faster than torch's, which computes what lies in the future, too.
    """
    q = q / math.sqrt(q.shape[-1])
    mixed = []
    for begin in range(0, q.shape[2], QUERIES):
        end = min(begin + QUERIES, q.shape[2])
        scores = q[:, :, begin:end] @ k[:, :, :end].transpose(-1, -2)
        future = torch.ones(end - begin, end, dtype=torch.bool, device=q.device).triu(begin + 1)
        mixed.append(scores.masked_fill(future, -math.inf).softmax(-1) @ v[:, :, :end])
    return torch.cat(mixed, 2)
