"""What a network of glr2 is in training, its model file is in integers."""

import math

import numpy as np
import pytest
import torch

from nzip.models.network import load
from nzip.train.evaluate import exact_bits
from nzip.train.glr2.batches import input_rows
from nzip.train.glr2.export import export
from nzip.train.glr2.network import Network, Step


def bits_in_training(network, plain):
    start = torch.zeros(1, len(plain), dtype=torch.uint8)
    start[0, 0] = 1
    batch = torch.from_numpy(input_rows(plain).copy()), torch.from_numpy(plain.copy()), start
    return Step(network, 1, len(plain), 1).run(*batch, network.fresh_state(1), learn=False) / math.log(2)


@pytest.mark.parametrize("d", [64, 288])
def test_training_is_what_the_integers_are(d):
    network = Network(d, 3, 5)
    for t, values in zip(network.tables.layout, network.tables.each(network.tables.values), strict=True):
        values.normal_(0, 0.4 if t.gate else 0.2, generator=torch.Generator().manual_seed(2))
    network.tables.round()
    network.wo *= 4
    plain = np.frombuffer(b"It was said, and it was said again: %d; " * 40 % tuple(range(40)), np.uint8)
    integers = exact_bits(load(export(network, {})), plain[None])
    assert bits_in_training(network, plain) == pytest.approx(integers, rel=2e-3)
