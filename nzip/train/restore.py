"""From a model file back to a network: what training may go on from when no checkpoint is left.

The inverse of nzip/train/export.py as far as rounding allows: a weight returns as the whole steps that it was
stored in, and a run's warm-up spreads the weights again.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nzip.models.inputs import input_tables
from nzip.models.nzm import Model
from nzip.train.export import GATE_UNIT, LOGIT_UNIT, RESIDUAL_UNIT
from nzip.train.network import ByteNetwork
from nzip.train.quantize import CELL_STEP, NORM_STEP, TABLE_STEP


@torch.no_grad()
def restore(model: Model, network: ByteNetwork) -> None:
    """Gives the network the model's parameters. Raises ValueError when it is of another shape."""
    shape = model.architecture, model.channels, model.layers
    if shape != ("glr1", network.channels, network.layers):
        raise ValueError(
            f"the model has {model.layers} layers of {model.channels} channels of {model.architecture}"
        )
    tensors = model.tensors
    shifts = iter(tensors["shifts"].tolist())

    def values(name: str, unit: float) -> Tensor:
        return torch.from_numpy(tensors[name].astype("float32")) * unit

    def matrix(name: str, multipliers: str, factor: float) -> Tensor:
        steps = values(multipliers, 2.0 ** -next(shifts) / factor)
        return values(name, 1.0) * steps[:, None]

    tables = input_tables("glr1", model.channels)
    for kept, gate in (network.gate, True), (network.residual, False):
        kept.copy_(torch.cat([values(f"table.{t.name}", TABLE_STEP) for t in tables if t.gate == gate]))
    for layer in range(network.layers):
        if layer:
            network.w1[layer - 1].copy_(matrix(f"w1.{layer}", f"m1.{layer}", NORM_STEP / GATE_UNIT))
        network.b[layer].copy_(values(f"b.{layer}", GATE_UNIT))
        network.w2[layer].copy_(matrix(f"w2.{layer}", f"m2.{layer}", CELL_STEP / RESIDUAL_UNIT))
    network.wo.copy_(matrix("wo", "mo", NORM_STEP / LOGIT_UNIT))
    network.bo.copy_(values("bo", LOGIT_UNIT))
