"""A narrower network from a trained one, to train on: most of what a long run has learned is kept.

Channels of the residual stream and cells of each layer are left out where they contribute least: by the
energy of their values on a sample of the data, and a cell's by the weights that read it, too. Rotating the
stream first, so that little energy is left out (SliceGPT: Ashkboos et al. 2024), is much worse here: the
weights have learned to be whole steps in the channels that there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from nzip.train.batches import Batch
from nzip.train.network import ByteNetwork
from nzip.train.operations import Operations


class _Recorder:
    """Operations that keep the energy of what they give."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self.gather, self.cross_entropy = operations.gather, operations.cross_entropy
        self.residual: list[Tensor] = []  # of normalized activations, call by call
        self.cells: list[Tensor] = []  # of cells' outputs

    def cell(self, *arguments: Any) -> tuple[Tensor, Tensor]:
        y, last = self._operations.cell(*arguments)
        self.cells.append(y.float().square().sum(0))
        return y, last

    def add_norm(self, h: Tensor, u: Tensor | None) -> tuple[Tensor, Tensor]:
        total, x = self._operations.add_norm(h, u)
        self.residual.append(x.float().square().sum(0))
        return total, x


@torch.no_grad()
def narrow(network: ByteNetwork, channels: int, batches: Iterable[Batch]) -> ByteNetwork:
    """A network of fewer channels that computes nearly the same on what these batches are drawn from.

    Raises ValueError when there are not fewer.
    """
    if channels >= network.channels:
        raise ValueError(f"the network has {network.channels} channels; fewer are possible, not {channels}")
    residual, cells = _energies(network, batches)
    kept = _largest(residual, channels)
    louder = (network.channels / channels) ** 0.5  # a norm over fewer channels gives smaller activations
    narrower = ByteNetwork(channels, network.layers, network.operations)
    narrower.residual.copy_(network.residual[:, kept])
    narrower.wo.copy_(network.wo[:, kept] * louder)
    narrower.bo.copy_(network.bo)
    for layer in range(network.layers):
        w2 = network.w2[layer]
        some = _largest(cells[layer] * w2.square().sum(0), channels)
        rows = torch.cat([some + part * network.channels for part in range(3)])
        if layer:
            narrower.w1[layer - 1].copy_(network.w1[layer - 1][rows][:, kept] * louder)
        else:
            narrower.gate.copy_(network.gate[:, rows])
        narrower.b[layer].copy_(network.b[layer][rows])
        narrower.w2[layer].copy_(w2[kept][:, some])
    return narrower


def _energies(network: ByteNetwork, batches: Iterable[Batch]) -> tuple[Tensor, list[Tensor]]:
    """Energies of channels: of the residual stream [D] at all norms together, of each layer's cells [D]."""
    operations, recorder = network.operations, _Recorder(network.operations)
    network.operations = recorder
    try:
        for batch in batches:
            network(*batch, network.fresh_state(len(batch.start)))
    finally:
        network.operations = operations
    cells = [torch.stack(recorder.cells[layer :: network.layers]).sum(0) for layer in range(network.layers)]
    return torch.stack(recorder.residual).sum(0), cells


def _largest(values: Tensor, count: int) -> Tensor:
    """The positions of the largest values, in ascending order."""
    return values.argsort()[-count:].sort().values
