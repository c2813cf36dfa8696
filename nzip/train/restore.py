"""From a model file back to a network: what training may go on from when no checkpoint is left.

The inverse of nzip/train/export.py as far as rounding allows: a weight returns as the whole steps that it was
stored in, and a run's warm-up spreads the weights again.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    check_shape(model, "glr1", network.channels, network.layers)
    tables = input_tables("glr1", model.channels)
    for kept, gate in (network.gate, True), (network.residual, False):
        values = [_values(model, f"table.{t.name}", TABLE_STEP) for t in tables if t.gate == gate]
        kept.copy_(torch.cat(values))
    layers(model, network.w1, network.w2, network.b, network.wo, network.bo)


def check_shape(model: Model, architecture: str, channels: int, count: int) -> None:
    """Raises ValueError when the model is not ``count`` layers of so many channels of this architecture."""
    if (model.architecture, model.channels, model.layers) != (architecture, channels, count):
        raise ValueError(
            f"the model has {model.layers} layers of {model.channels} channels of {model.architecture}"
        )


@torch.no_grad()
def layers(
    model: Model, w1: Sequence[Tensor], w2: Sequence[Tensor], b: Sequence[Tensor], wo: Tensor, bo: Tensor
) -> None:
    """Fills all parameters but the tables; ``w1`` begins with the second layer's."""
    shifts = iter(model.tensors["shifts"].tolist())

    def matrix(name: str, multipliers: str, factor: float) -> Tensor:
        steps = _values(model, multipliers, 2.0 ** -next(shifts) / factor)
        return _values(model, name, 1.0) * steps[:, None]

    for layer in range(model.layers):
        if layer:
            w1[layer - 1].copy_(matrix(f"w1.{layer}", f"m1.{layer}", NORM_STEP / GATE_UNIT))
        b[layer].copy_(_values(model, f"b.{layer}", GATE_UNIT))
        w2[layer].copy_(matrix(f"w2.{layer}", f"m2.{layer}", CELL_STEP / RESIDUAL_UNIT))
    wo.copy_(matrix("wo", "mo", NORM_STEP / LOGIT_UNIT))
    bo.copy_(_values(model, "bo", LOGIT_UNIT))


def _values(model: Model, name: str, unit: float) -> Tensor:
    return torch.from_numpy(model.tensors[name].astype("float32")) * unit
