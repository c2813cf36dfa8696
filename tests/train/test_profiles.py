"""Starts are the mean of the states that documents leave behind."""

from __future__ import annotations

import numpy as np
import pytest

from nzip import _native
from nzip.pipeline import EncodeOptions, resolve_encoding
from nzip.train import profiles

DOCUMENTS = [b"A first document, about something. " * 9, b"[1, 2, 3, 5, 8, 13]\n" * 20]


@pytest.fixture
def parts():
    return resolve_encoding(EncodeOptions(level=1, model="none", prime="none")).components


def test_a_start_is_the_mean_of_the_second_half(parts):
    states, engine = [], None
    for document in DOCUMENTS * 2:
        engine = parts.engine(profiles.MIN_TABLE_LOG2)
        if states:
            engine.set_state(states[-1])
        engine.encode(document, 1, _native.detect(document))
        states.append(engine.state())
    mean = sum(np.frombuffer(state, np.int32).astype(np.int64) for state in states[2:]) // 2
    engine.set_state(mean.astype(np.int32).tobytes())
    seen = []
    trained = profiles.train(parts, DOCUMENTS * 2, seen.append)
    assert trained.start == engine.start()
    assert seen == [len(document) for document in DOCUMENTS * 2]
    assert profiles.train(parts, []) is parts


def test_a_state_of_another_size_is_refused(parts):
    with pytest.raises(ValueError, match="state is not one of this engine"):
        parts.engine(20).set_state(bytes(4))
