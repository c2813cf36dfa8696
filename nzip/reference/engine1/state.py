"""All of a run's state, and what is known of a byte while it is coded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nzip.reference.engine1.histories import Histories
from nzip.reference.engine1.lane import Lanes
from nzip.reference.engine1.matches import Matches
from nzip.reference.engine1.mixer import Mixer
from nzip.reference.engine1.samples_layout import Samples
from nzip.reference.engine1.tables import Tables

# Places in the numbers of the byte that is being coded.
SO_FAR, BIT, NODE, HITS, FIRST_MATCH, LAST_MATCH, NETWORK_CLASS, NETWORK_TOP, APM_BYTE = range(9)
CODE_FIELD, CODE_PLACE, CODE_BEFORE, CODE_OPCODE = range(9, 13)
PART = 13
NUMBERS = 14


class Parts(NamedTuple):
    """How many contexts and runs there are, inputs of a context, and selectors of the situation; and where in
    ``bits`` those of runs, matches and numbers begin."""

    contexts: int
    runs: int
    inputs: int
    run_bits: int
    match_bits: int
    sample_bits: int
    selectors: int


class Scratch(NamedTuple):
    """What is known of a byte while it is coded."""

    now: npt.NDArray[np.int64]
    slots: npt.NDArray[np.int64]
    first_slots: npt.NDArray[np.int64]
    expected: npt.NDArray[np.int64]
    """Of each run and then each match model, the byte and the class."""
    pixels: npt.NDArray[np.int64]
    maps: npt.NDArray[np.int64]
    inputs: npt.NDArray[np.int32]
    used: npt.NDArray[np.int64]
    wanted: npt.NDArray[np.int64]
    """The adaptive bits that gave an input, and which bit they are of: a 0, a 1, or either."""
    used_maps: npt.NDArray[np.int64]
    chosen: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    sets: npt.NDArray[np.int64]
    opinions: npt.NDArray[np.int64]
    q: npt.NDArray[np.int64]
    apms: npt.NDArray[np.int64]
    nearest: npt.NDArray[np.int64]


class Engine(NamedTuple):
    """All of a run's state, and of its block's lanes."""

    component_set: int
    parts: Parts
    tables: Tables
    lanes: Lanes
    histories: Histories
    matches: Matches
    mixer: Mixer
    bits: npt.NDArray[np.uint32]
    maps: npt.NDArray[np.uint32]
    apms: npt.NDArray[np.uint32]
    experts: npt.NDArray[np.int64]
    """Which experts there are, by number: 1 where there is a network, a learner, a language model."""
    trees: npt.NDArray[np.int64]
    row_starts: npt.NDArray[np.int64]
    set_starts: npt.NDArray[np.int64]
    code: npt.NDArray[np.int64]
    samples: Samples
    scratch: Scratch


NETWORK, LEARNER, LANGUAGE_MODEL = range(3)
