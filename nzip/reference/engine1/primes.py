"""What a prime leaves in the tables (Primes, in docs/format/engine1.md and docs/format/engine1/starts.md)."""

from __future__ import annotations

import numpy as np
from numba import njit

from nzip.reference.engine1.contexts import CONTEXTS, WARMED, plain_contexts
from nzip.reference.engine1.histories import Histories, find_slot, fresh_histories, move_on, take_run
from nzip.reference.engine1.lane import (
    BEGIN,
    LINE_BEGIN,
    POSITION,
    PREVIOUS_LINE,
    TEXT,
    byte,
    fresh_lanes,
    last,
    take,
)
from nzip.reference.engine1.shape import RUNS
from nzip.reference.engine1.tables import Tables

_TABLE_SIZE = 26


def primed_histories(text: bytes, component_set: int, tables: Tables, table_size: int) -> Histories:
    """The histories, runs and followers with which a run starts."""
    h = fresh_histories(_TABLE_SIZE)
    history = np.frombuffer(text + b"\0", np.uint8).copy()
    warmed = np.array(WARMED.get(component_set, range(CONTEXTS[component_set])), np.int64)
    at = 0
    for piece in text.split(b"\0"):
        lanes = fresh_lanes(1, CONTEXTS[component_set], history, np.zeros((0, 2), np.int64))
        _take_piece(h, tables.after, lanes, component_set, warmed, RUNS[component_set], at, at + len(piece))
        at += len(piece) + 1
    return _spread(h, table_size)


def _spread(h: Histories, table_size: int) -> Histories:
    n = table_size - _TABLE_SIZE
    if n == 0:
        return h
    larger = fresh_histories(table_size)
    larger.order0[:], larger.order1[:], larger.followers[:] = h.order0, h.order1, h.followers
    slots = np.flatnonzero(h.about[:, 0])
    below = h.about[slots, 3].astype(np.int64)
    line = (slots // 3 << n) + (below >> (8 - n))
    places = 3 * line + slots % 3
    larger.slots[places], larger.about[places] = h.slots[slots], h.about[slots]
    return larger


@njit(cache=True)
def _ready(h, lanes, component_set):
    x = lanes.n[0]
    if x[POSITION] != x[BEGIN]:
        two = last(x, 3) >> 8
        h.followers[two] = (np.int64(h.followers[two]) << 8 | byte(x, 1)) & 0xFFFF
    plain_contexts(lanes, 0, component_set, TEXT, h.followers)


@njit(cache=True)
def _take_piece(h, after, lanes, component_set, warmed, runs, begin, end):
    x = lanes.n[0]
    x[POSITION] = x[BEGIN] = x[LINE_BEGIN] = x[PREVIOUS_LINE] = begin
    contexts = np.zeros(len(warmed), np.int64)
    slots, first_slots = np.zeros(len(warmed), np.int64), np.zeros(len(warmed), np.int64)
    _ready(h, lanes, component_set)
    for at in range(begin, end):
        c = np.int64(lanes.history[at])
        for k in range(len(warmed)):
            contexts[k] = lanes.contexts[0, warmed[k]]
        order1 = 272 * byte(x, 1)
        take(lanes, 0, c)
        _ready(h, lanes, component_set)
        for half in range(2):
            nibble = c >> 4 if half == 0 else c & 15
            group = 0 if half == 0 else 1 + (c >> 4)
            for k in range(len(warmed)):
                slots[k] = find_slot(h, contexts[k], 0 if half == 0 else 16 + (c >> 4))
            if half == 0:
                first_slots[:] = slots
            node = 1
            for bit in range(3, -1, -1):
                y = nibble >> bit & 1
                place = 16 * group + node
                move_on(h, after, place, order1 + place, slots, node, y)
                node = 2 * node + y
        for k in range(len(warmed)):
            if warmed[k] < runs:
                take_run(h, first_slots[k], c)
