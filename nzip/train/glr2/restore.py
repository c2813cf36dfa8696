"""From a model file back to a network of glr2, for training to go on from."""

from __future__ import annotations

import torch

from nzip.models.nzm import Model
from nzip.train import restore as parts
from nzip.train.glr2.network import Network
from nzip.train.quantize import TABLE_STEP

# That a row is taken to have had: a file does not say, and few more should not move it far.
VISITS = 1 << 14


def restore(model: Model, network: Network) -> None:
    """Gives the network the model's parameters. Raises ValueError when it is of another shape."""
    parts.check_shape(model, "glr2", network.channels, network.layers)
    tables = network.tables
    for t, values in zip(tables.layout, tables.each(tables.values), strict=True):
        values.copy_(torch.from_numpy(model.tensors[f"table.{t.name}"].astype("float32")) * TABLE_STEP)
    tables.visits.fill_(VISITS)
    tables.round()
    parts.layers(model, network.w1, network.w2, network.b, network.wo, network.bo)
