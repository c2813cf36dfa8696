"""From a trained network of glr2 to the integers of docs/model.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nzip.models.nzm import serialize
from nzip.train.export import layers
from nzip.train.glr2.network import Network


def export(network: Network, card: Mapping[str, Any]) -> bytes:
    """The model file."""
    tables = network.tables
    levels = zip(tables.layout, tables.each(tables.level), strict=True)
    tensors = {f"table.{t.name}": level.numpy() for t, level in levels}
    tensors |= layers(network.w1, network.w2, network.b, network.wo, network.bo)
    return serialize("glr2", network.channels, network.layers, tensors, card)
