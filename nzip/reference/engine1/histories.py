"""Where bit histories lie (docs/format/engine1/histories.md)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.reference.engine1.hashes import key, shifted

CHECK, RUN_BYTE, RUN_COUNT, BELOW = range(4)


class Histories(NamedTuple):
    """``order0`` and ``order1``: a history for each place. Of slot s, ``slots[s, node]`` are histories and
    ``about[s]`` check, run byte, run count and *below*. ``shift`` is what leaves a key its line."""

    order0: npt.NDArray[np.uint8]
    order1: npt.NDArray[np.uint8]
    slots: npt.NDArray[np.uint8]
    about: npt.NDArray[np.uint16]
    followers: npt.NDArray[np.uint16]
    shift: int


def fresh_histories(table_size: int) -> Histories:
    slots = 3 << (table_size - 6)
    return Histories(
        np.zeros(17 * 16, np.uint8),
        np.zeros(256 * 17 * 16, np.uint8),
        np.zeros((slots, 16), np.uint8),
        np.zeros((slots, 4), np.uint16),
        np.zeros(65536, np.uint16),
        70 - table_size,
    )


@njit(cache=True)
def find_slot(h, context, part):
    """The slot of a context for a nibble, which is taken if it is another's."""
    k = key(context, part)
    first = 3 * shifted(k, h.shift)
    check = (k >> 14 & 0xFFFF) | 1
    found = -1
    for at in range(first, first + 3):
        if h.about[at, CHECK] == check:
            found = at
    if found >= 0:
        return found
    at = first
    for other in range(first + 1, first + 3):
        if h.slots[other, 1] < h.slots[at, 1]:
            at = other
    h.about[at, CHECK] = check
    h.about[at, RUN_BYTE] = h.about[at, RUN_COUNT] = 0
    h.about[at, BELOW] = k >> 36 & 255
    h.slots[at, :] = 0
    return at


@njit(cache=True)
def find_slots(h, contexts, part, slots):
    """Finds slots for all contexts; returns how many were hit."""
    hits = 0
    for place in range(len(contexts)):
        slots[place] = find_slot(h, contexts[place], part)
        if h.slots[slots[place], 1] != 0:
            hits += 1
    return hits


@njit(cache=True)
def move_on(h, after, place0, place1, slots, node, y):
    """All histories take a bit."""
    h.order0[place0] = after[h.order0[place0], y]
    h.order1[place1] = after[h.order1[place1], y]
    for slot in slots:
        h.slots[slot, node] = after[h.slots[slot, node], y]


@njit(cache=True)
def take_run(h, slot, c):
    about = h.about[slot]
    if about[RUN_BYTE] != c:
        about[RUN_COUNT] = 0
    about[RUN_BYTE] = c
    about[RUN_COUNT] = min(about[RUN_COUNT] + 1, 255)
