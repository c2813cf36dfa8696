"""Networks of random weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nzip.models.inputs import LEVELS
from nzip.models.nzm import (
    INT4,
    INT16,
    MULTIPLIER,
    NAMED,
    SHIFT,
    Model,
    TensorPlace,
    layout,
    parse,
    serialize,
)

KINDS = ("sensible", "any", "extreme")


def random_tensors(
    architecture: str, channels: int, layers: int, kind: str = "sensible", seed: int = 0
) -> dict[str, NDArray[np.integer[Any]]]:
    """Tensors of a network: such as training gives, of any values, or of the least and greatest ones only."""
    rng = np.random.default_rng(seed)

    def values(place: TensorPlace) -> NDArray[np.integer[Any]]:
        low, high = place.type.values[0], place.type.values[-1]
        if place.type is NAMED:
            levels = np.array([-level for level in LEVELS[:0:-1]] + list(LEVELS))
            return rng.choice([low, high] if kind == "extreme" else levels, place.shape)
        if kind == "any":
            return rng.integers(low, high + 1, place.shape)
        if kind == "extreme":
            return rng.choice([low, high], place.shape)
        if place.type is INT4:
            return rng.normal(0, 2.5, place.shape).round().clip(low, high).astype(int)
        if place.type is INT16:
            bias = rng.integers(-600, 601, place.shape)
            if place.name.startswith("b."):
                bias[channels : 2 * channels] -= 2500  # so that the cells remember
            return bias
        if place.type is MULTIPLIER:
            return rng.integers(1500, high + 1, place.shape)
        if place.type is SHIFT:
            return np.full(place.shape, 13 + (channels > 128))
        return rng.normal(0, 14, place.shape).round().clip(low, high).astype(int)

    return {place.name: values(place) for place in layout(architecture, channels, layers)}


def random_model(
    architecture: str, channels: int, layers: int, kind: str = "sensible", seed: int = 0
) -> Model:
    """The same as a model."""
    shape = architecture, channels, layers
    return parse(serialize(*shape, random_tensors(*shape, kind, seed), {}))


def random_network(
    architecture: str, channels: int, layers: int, kind: str = "sensible", seed: int = 0
) -> bytes:
    """The tensors as nzip._native.Network takes them."""
    return random_model(architecture, channels, layers, kind, seed).tensor_bytes
