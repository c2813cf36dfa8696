"""From a trained network to the integers of docs/model.md.

Training already computes in units that integers share: activations are whole numbers of 2^-4 (normalized) or
2^-7 (of a cell), weights whole numbers of their row's step t. So a sum of products stands for sum * t * 2^-4
or sum * t * 2^-7, and its row's multiplier turns that into the unit of the result: 2^-10 for gates, 2^-12 for
the residual stream, 2^-10 of a bit for logits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nzip.models.inputs import InputTable, input_tables
from nzip.models.nzm import MULTIPLIERS, SHIFTS, serialize
from nzip.train.network import ByteNetwork
from nzip.train.quantize import CELL_STEP, NORM_STEP, row_steps, table_levels, weight_levels

Integers = NDArray[np.integer[Any]]

GATE_UNIT, RESIDUAL_UNIT, LOGIT_UNIT = 1 / 1024, 1 / 4096, math.log(2) / 1024


def export(network: ByteNetwork, card: Mapping[str, Any]) -> bytes:
    """The model file."""
    shapes = input_tables("glr1", network.channels)
    gates, residual = ([t for t in shapes if t.gate == gate] for gate in (True, False))
    tensors = {
        **_tables(gates, _integers(table_levels(network.gate))),
        **_tables(residual, _integers(table_levels(network.residual))),
        **layers(network.w1, network.w2, network.b, network.wo, network.bo),
    }
    return serialize("glr1", network.channels, network.layers, tensors, card)


def _tables(shapes: Sequence[InputTable], levels: Integers) -> dict[str, Integers]:
    """Those that lie behind one another."""
    parts = np.split(levels, np.cumsum([t.rows for t in shapes])[:-1])
    return {f"table.{t.name}": part for t, part in zip(shapes, parts, strict=True)}


@torch.no_grad()
def layers(
    w1: Sequence[Tensor], w2: Sequence[Tensor], b: Sequence[Tensor], wo: Tensor, bo: Tensor
) -> dict[str, Integers]:
    """All tensors but the tables, by their names in docs/model.md; ``w1`` begins with the second layer's."""
    tensors: dict[str, Integers] = {}
    shifts = []

    def add(name: str, multipliers: str, matrix: Tensor, factor: float) -> None:
        steps = row_steps(matrix)
        tensors[name] = _integers(weight_levels(matrix, steps))
        tensors[multipliers], shift = _fixed_point(steps[:, 0] * factor)
        shifts.append(shift)

    for layer in range(len(w2)):
        if layer:
            add(f"w1.{layer}", f"m1.{layer}", w1[layer - 1], NORM_STEP / GATE_UNIT)
        tensors[f"b.{layer}"] = _integers(b[layer] / GATE_UNIT)
        add(f"w2.{layer}", f"m2.{layer}", w2[layer], CELL_STEP / RESIDUAL_UNIT)
    add("wo", "mo", wo, NORM_STEP / LOGIT_UNIT)
    tensors["bo"] = _integers(bo / LOGIT_UNIT)
    tensors["shifts"] = np.array(shifts, np.int32)
    return tensors


def _integers(values: Tensor) -> Integers:
    integers: Integers = values.detach().cpu().round().to(torch.int32).numpy()
    return integers


def _fixed_point(factors: Tensor) -> tuple[Integers, int]:
    """Multipliers and their shift, as large as they may be: factor = multiplier / 2^shift."""
    exact = factors.detach().cpu().double().numpy()
    for shift in reversed(SHIFTS):
        multipliers: Integers = np.rint(exact * 2.0**shift).astype(np.int64)
        if multipliers.max() in MULTIPLIERS:
            return multipliers, shift
    raise ValueError("the weights are too large for the integer network")
