"""A network that is ready for training."""

from __future__ import annotations

import torch

from nzip.train import fused, kernels
from nzip.train.allocator import keep_freed_memory
from nzip.train.network import ByteNetwork, operations_for
from nzip.train.precision import PRECISIONS, faster_precision
from nzip.train.recipe import Recipe


def prepare(
    recipe: Recipe,
    device: str = "cpu",
    threads: int | None = None,
    implementation: str = "auto",
    precision: str = "auto",
) -> ByteNetwork:
    """A network on its device, from the recipe's seed.

    ``device`` is as for :func:`find_device`. ``implementation``: auto, fused or torch.
    ``precision``, that of products: bfloat16, float32, or auto, which is the faster one there.
    Raises ValueError where the device is not here.
    """
    place = find_device(device)
    operations = operations_for(place, kernels=implementation)
    if place.type == "cuda":
        torch.cuda.set_device(place)  # where Triton works
    if threads is not None:
        torch.set_num_threads(threads)
    keep_freed_memory()
    if operations is fused:
        kernels.set_threads(torch.get_num_threads())
    products = PRECISIONS.get(precision) or faster_precision(place)
    torch.manual_seed(recipe.seed)
    network: ByteNetwork = ByteNetwork(recipe.channels, recipe.layers, operations, products).to(place)
    return network


def find_device(name: str) -> torch.device:
    """By torch's name, or auto: a GPU where there is one. Raises ValueError where it is not here."""
    gpus = torch.cuda.device_count()
    if name == "auto":
        return torch.device("cuda" if gpus else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ValueError(f"torch knows no device {name!r}") from None
    if device.type == "cuda" and (device.index or 0) >= gpus:
        raise ValueError(f"device {name} is not here: torch sees {gpus} GPUs")
    return device
