"""A network that is ready for training."""

from __future__ import annotations

import torch

from nzip.train import fused, kernels
from nzip.train.allocator import keep_freed_memory
from nzip.train.network import ByteNetwork, operations_for
from nzip.train.recipe import Recipe


def prepare(
    recipe: Recipe, device: str = "cpu", threads: int | None = None, implementation: str = "auto"
) -> ByteNetwork:
    """A network on its device, from the recipe's seed. ``implementation``: auto, fused or torch."""
    place = torch.device(device)
    operations = operations_for(place, kernels=implementation)
    if threads is not None:
        torch.set_num_threads(threads)
    keep_freed_memory()
    if operations is fused:
        kernels.set_threads(torch.get_num_threads())
    torch.manual_seed(recipe.seed)
    network: ByteNetwork = ByteNetwork(recipe.channels, recipe.layers, operations).to(place)
    return network
