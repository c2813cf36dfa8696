"""The mixer (docs/format/engine1/mixer.md)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.reference.engine1.hashes import held
from nzip.reference.engine1.tables import squash16

_FIRST_RATE = 512000


class Mixer(NamedTuple):
    """``weights``: each row's weight of each input; ``final``: each final set's of each selector."""

    weights: npt.NDArray[np.int32]
    rate: npt.NDArray[np.int64]
    final: npt.NDArray[np.int64]


def fresh_mixer(rows: int, inputs: npt.NDArray[np.int32], selectors: int, final_sets: int) -> Mixer:
    """``inputs``: the first weight of each."""
    final = 2**27 // selectors // 4
    return Mixer(
        np.tile(inputs, (rows, 1)),
        np.full(rows, _FIRST_RATE, np.int64),
        np.full((final_sets, selectors), final, np.int64),
    )


@njit(cache=True)
def _dot(inputs, weights):
    total = np.int64(0)
    for i in range(len(inputs)):
        total += np.int64(inputs[i]) * np.int64(weights[i] >> 15)
    total &= 0xFFFFFFFF
    return total - (1 << 32) if total >= 1 << 31 else total


@njit(cache=True)
def mix_inputs(mixer, tables, inputs, rows, sets, opinions, q):
    """What is mixed; the opinions and their probabilities are written down."""
    total = np.int64(0)
    for k in range(len(rows)):
        opinions[k] = held(_dot(inputs, mixer.weights[rows[k]]) >> 12, 3071)
        q[k] = squash16(tables, opinions[k])
        weight = np.int64(0)
        for j in range(4):
            weight += mixer.final[sets[j], k]
        total += opinions[k] * (weight >> 15)
    return held(total >> 12, 4095)


@njit(cache=True)
def _learn_row(weights, inputs, error):
    for i in range(len(inputs)):
        w = np.int64(weights[i]) + ((np.int64(inputs[i]) * error + 8) >> 4)
        weights[i] = min(max(w, -((1 << 29) - 1)), (1 << 29) - 1)


@njit(cache=True)
def learn_mix(mixer, tables, inputs, rows, sets, opinions, q, mixed, y):
    for k in range(len(rows)):
        row = rows[k]
        rate = mixer.rate[row]
        error = ((65536 * y - q[k]) * (rate >> 8)) >> 10
        mixer.rate[row] = rate - ((rate - 38400) >> 10)
        _learn_row(mixer.weights[row], inputs, error)
    error = ((65536 * y - squash16(tables, mixed)) * 20) >> 6
    for k in range(len(rows)):
        step = (opinions[k] * error + 128) >> 8
        for j in range(4):
            mixer.final[sets[j], k] = held(mixer.final[sets[j], k] + step, (1 << 28) - 1)
