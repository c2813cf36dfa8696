"""How many inputs, selectors and rows a predictor has (docs/format/engine1/predictor.md, experts.md)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nzip.reference.engine1.contexts import CONTEXTS

RUNS = [0, 0, 2, 12, 36]
INPUTS_OF_A_CONTEXT = [0, 1, 2, 2, 3]
MATCH_MODELS = [0, 1, 1, 2, 2]
_SITUATION_SELECTORS = [0, 2, 4, 6, 13]
_FIRST_OF_HISTORIES = [0, 2**25, 2**25, 40 * 2**19, 30 * 2**19]
_FIRST_OF_RUNS = 2**23
_FIRST_OF_MATCHES = 2**25
_FIRST_OF_A_NETWORK = 2**26
_FIRST_OF_A_LEARNER = 2**24

NETWORK_ROWS = [32 * 16, 256]
LEARNER_ROWS = [256 * 4, 32 * 32]
LANGUAGE_MODEL_ROWS = [256 * 4]


class Shape(NamedTuple):
    """What a run's component set and experts make of a predictor. ``inputs`` are the first weights."""

    component_set: int
    network: bool
    learner: bool
    language_model: bool
    inputs: tuple[int, ...]
    rows: tuple[int, ...]
    final_rows: tuple[int, ...]

    @property
    def contexts(self) -> int:
        return CONTEXTS[self.component_set]

    @property
    def row_starts(self) -> np.ndarray:
        """Where each selector's rows begin, and their end."""
        return np.cumsum([0, *self.rows])

    @property
    def known(self) -> Shape:
        """What a start knows of it."""
        return predictor_shape(self.component_set, self.network, False, False)


def predictor_shape(component_set: int, network: bool, learner: bool, language_model: bool) -> Shape:
    h = CONTEXTS[component_set] + 1
    rows = [16 * h, 256, 6 * 256, 8 * h, 6 * 256, 1536, 256, 16 * 8 * 6, 512, 2048, 2048, 2048, 512]
    rows = rows[: _SITUATION_SELECTORS[component_set]]
    count = INPUTS_OF_A_CONTEXT[component_set]
    inputs = (CONTEXTS[component_set] + 2) * [_FIRST_OF_HISTORIES[component_set], 0, 0][:count]
    inputs += RUNS[component_set] * [_FIRST_OF_RUNS]
    inputs += MATCH_MODELS[component_set] * [_FIRST_OF_MATCHES, 0]
    if network:
        inputs += [_FIRST_OF_A_NETWORK, 0]
        rows += NETWORK_ROWS
    if component_set == 4:
        inputs += 16 * [0]
    inputs += [0]
    if learner:
        inputs += [0 if network else _FIRST_OF_A_LEARNER, 0]
        rows += LEARNER_ROWS
    if language_model:
        inputs += [0, 0]
        rows += LANGUAGE_MODEL_ROWS
    final_rows = 256, 128 + h + 32, 16 * h, 16 * 8
    return Shape(component_set, network, learner, language_model, tuple(inputs), tuple(rows), final_rows)
