"""A network that is ready for training."""

from __future__ import annotations

import time

import torch
import torch.nn.functional as F  # noqa: N812

from nzip.train import fused, kernels
from nzip.train.allocator import keep_freed_memory
from nzip.train.network import ByteNetwork, operations_for
from nzip.train.recipe import Recipe

PRECISIONS = {"bfloat16": torch.bfloat16, "float32": torch.float32}


def prepare(
    recipe: Recipe,
    device: str = "cpu",
    threads: int | None = None,
    implementation: str = "auto",
    precision: str = "auto",
) -> ByteNetwork:
    """A network on its device, from the recipe's seed.

    ``device`` is torch's name, or auto: a GPU where there is one. ``implementation``: auto, fused or torch.
    ``precision``, that of products: bfloat16, float32, or auto, which is the faster one there.
    """
    place = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
    operations = operations_for(place, kernels=implementation)
    if place.type == "cuda":
        torch.cuda.set_device(place)  # where Triton works
    if threads is not None:
        torch.set_num_threads(threads)
    keep_freed_memory()
    if operations is fused:
        kernels.set_threads(torch.get_num_threads())
    products = PRECISIONS.get(precision) or min(
        PRECISIONS.values(), key=lambda each: product_seconds(place, each)
    )
    torch.manual_seed(recipe.seed)
    network: ByteNetwork = ByteNetwork(recipe.channels, recipe.layers, operations, products).to(place)
    return network


def product_seconds(device: torch.device, dtype: torch.dtype) -> float:
    """What a product of matrices takes: processors that lack bfloat16 need ten times as long for it."""
    x, matrix = (torch.ones(size, 512, dtype=dtype, device=device) for size in (2048, 512))
    best = float("inf")
    for _ in range(4):
        began = time.perf_counter()
        F.linear(x, matrix).amax().item()  # which waits for a GPU
        best = min(best, time.perf_counter() - began)
    return best
