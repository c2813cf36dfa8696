"""The integers of docs/model.md's draft: a network of glr2 in training is the one that they give."""

import math

import numpy as np
import pytest
import torch
from support.reference_inputs import Inputs
from support.reference_net import Network as ReferenceNetwork

from nzip.train import export
from nzip.train.glr2.batches import input_rows
from nzip.train.glr2.network import Network, Step

BYTES = 512


class Reference(ReferenceNetwork):
    """The layers of glr1 on the inputs of glr2, a lane that is a block of its own."""

    def __init__(self, network):
        layers = export.layers(network.w1, network.w2, network.b, network.wo, network.bo)
        super().__init__(layers, network.channels, network.layers)
        self.features, tables = Inputs(), network.tables
        self.tables = [
            (t, level.numpy().astype(np.int64))
            for t, level in zip(tables.layout, tables.each(tables.level), strict=True)
        ]

    def sums(self):
        gates, residual = (np.zeros(width, np.int64) for width in (3 * self.channels, self.channels))
        for (t, level), row in zip(self.tables, self.features.rows(), strict=True):
            (gates if t.gate else residual)[t.offset : t.offset + t.width] += level[row]
        return gates, residual


def bits_in_integers(network, data):
    lane, bits = Reference(network), 0.0
    for byte in data:
        weights = lane.weights()
        bits -= math.log2(weights[byte] / weights.sum())
        lane.push(byte)
    return bits / len(data)


def bits_in_training(network, data):
    plain = np.frombuffer(data, np.uint8)
    start = torch.zeros(1, len(data), dtype=torch.uint8)
    start[0, 0] = 1
    batch = torch.from_numpy(input_rows(plain).copy()), torch.from_numpy(plain.copy()), start
    return Step(network, 1, len(data), 1).run(*batch, network.fresh_state(1), learn=False) / math.log(2)


@pytest.mark.parametrize("d", [64, 288])
def test_training_is_what_the_integers_are(d):
    network = Network(d, 3, 5)
    for t, values in zip(network.tables.layout, network.tables.each(network.tables.values), strict=True):
        values.normal_(0, 0.4 if t.gate else 0.2, generator=torch.Generator().manual_seed(2))
    network.tables.round()
    network.wo *= 4
    data = (b"It was said, and it was said again: %d; " * 14 % tuple(range(14)))[:BYTES]
    assert bits_in_training(network, data) == pytest.approx(bits_in_integers(network, data), rel=2e-3)
