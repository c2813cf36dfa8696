"""In which precision products are faster."""

from __future__ import annotations

import time

import torch
import torch.nn.functional as F  # noqa: N812

PRECISIONS = {"bfloat16": torch.bfloat16, "float32": torch.float32}


def faster_precision(device: torch.device) -> torch.dtype:
    """The faster precision of products on a device: bfloat16, or float32 where that is faster."""
    return min(PRECISIONS.values(), key=lambda each: product_seconds(device, each))


def product_seconds(device: torch.device, dtype: torch.dtype) -> float:
    """Seconds that a product of matrices takes."""
    x, matrix = (torch.ones(size, 512, dtype=dtype, device=device) for size in (2048, 512))
    best = float("inf")
    for _ in range(4):
        began = time.perf_counter()
        F.linear(x, matrix).amax().item()  # which waits for a GPU
        best = min(best, time.perf_counter() - began)
    return best
