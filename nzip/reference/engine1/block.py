"""A block in rounds of its lanes (docs/format/engine1.md, How a byte is decoded)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.reference.engine1.code import code_contexts, enter_code, take_code
from nzip.reference.engine1.coder import gives_up, read_packed
from nzip.reference.engine1.contexts import general_contexts, plain_contexts
from nzip.reference.engine1.lane import (
    BEGIN,
    BINARY,
    COLUMN,
    EXECUTABLE,
    KIND,
    LINE_BEGIN,
    PACKED,
    PARAMETER,
    POSITION,
    PREVIOUS_LINE,
    RECORDS,
    SAMPLES,
    SEGMENT_BEGIN,
    STRIDE,
    TEXT,
    byte,
    last,
    take,
)
from nzip.reference.engine1.matches import take_matches
from nzip.reference.engine1.predictor import code_byte
from nzip.reference.engine1.samples import ready_samples
from nzip.reference.engine1.samples_inputs import number_contexts
from nzip.reference.engine1.samples_layout import enter_samples


class Plan(NamedTuple):
    """Where a block's lanes begin in the run, and its end behind them; its segments' kinds, parameters and
    first positions, and their end. ``e`` is the matches'."""

    starts: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int64]
    parameters: npt.NDArray[np.int64]
    begins: npt.NDArray[np.int64]
    match_bits: int
    learns: bool
    """Whether the bytes are known, being a reference's, and only to be learned."""


@njit(cache=True)
def _segment_at(plan, position):
    number = 0
    while number + 1 < len(plan.kinds) and plan.begins[number + 1] <= position:
        number += 1
    return number


@njit(cache=True)
def is_packed(e, plan, lane):
    """Whether a lane's next byte is in a packed segment."""
    return plan.kinds[_segment_at(plan, e.lanes.n[lane, POSITION])] == PACKED


@njit(cache=True)
def _enter(e, plan, lane, number):
    x = e.lanes.n[lane]
    kind, parameter = plan.kinds[number], plan.parameters[number]
    x[KIND], x[PARAMETER], x[SEGMENT_BEGIN] = kind, parameter, plan.begins[number]
    x[COLUMN] = x[STRIDE] = 0
    if kind == RECORDS or kind == 3:
        x[STRIDE] = parameter
    elif kind == SAMPLES:
        width = 1 << (parameter & 3)
        x[STRIDE] = parameter >> 9 if width == 1 and parameter >> 9 else width * ((parameter >> 5 & 15) + 1)
        if e.component_set == 4:
            enter_samples(e.samples, lane, parameter)
    elif kind == EXECUTABLE:
        enter_code(e.code[lane], parameter, x[POSITION] - plan.starts[0])


@njit(cache=True)
def _ready(e, plan, lane):
    """A lane gets ready for its next byte."""
    x = e.lanes.n[lane]
    if is_packed(e, plan, lane):
        return
    if x[POSITION] != x[BEGIN]:
        two = last(x, 3) >> 8
        followers = e.histories.followers
        followers[two] = (np.int64(followers[two]) << 8 | byte(x, 1)) & 0xFFFF
    if x[POSITION] >= plan.starts[lane + 1]:
        return
    contexts_of(e, lane)


@njit(cache=True)
def contexts_of(e, lane):
    x = e.lanes.n[lane]
    kind = x[KIND]
    full = e.component_set == 4
    if kind == SAMPLES and full:
        ready_samples(e.samples, e.lanes.history, x, lane)
        number_contexts(e.samples, x, lane, e.lanes.contexts[lane])
    elif kind == SAMPLES:
        plain_contexts(e.lanes, lane, e.component_set, RECORDS, e.histories.followers)
    elif kind == EXECUTABLE and e.component_set > 1:
        code_contexts(e.code[lane], x, e.lanes.contexts[lane])
    elif kind == EXECUTABLE:
        plain_contexts(e.lanes, lane, e.component_set, BINARY, e.histories.followers)
    else:
        plain_contexts(e.lanes, lane, e.component_set, kind, e.histories.followers)
    if full and kind != TEXT:
        general_contexts(e.lanes, lane)


@njit(cache=True)
def begin_block(e, plan):
    for lane in range(len(plan.starts) - 1):
        x = e.lanes.n[lane]
        x[POSITION] = x[BEGIN] = x[LINE_BEGIN] = x[PREVIOUS_LINE] = plan.starts[lane]
        _enter(e, plan, lane, _segment_at(plan, x[POSITION]))
    for lane in range(len(plan.starts) - 1):
        if plan.starts[lane] < plan.starts[lane + 1]:
            _ready(e, plan, lane)


@njit(cache=True)
def code_rounds(e, c, plan, first, end):
    """Codes some rounds; False if the coded bytes are used up too early."""
    for turn in range(first, end):
        for lane in range(len(plan.starts) - 1):
            if plan.starts[lane] + turn < plan.starts[lane + 1]:
                _code_one(e, c, plan, lane, turn)
        if gives_up(c) and not plan.learns:
            return False
    return True


@njit(cache=True)
def _code_one(e, c, plan, lane, turn):
    x, history = e.lanes.n[lane], e.lanes.history
    at = x[POSITION]
    packed = is_packed(e, plan, lane)
    found = np.int64(0)
    if packed:
        if not plan.learns:
            history[at] = read_packed(c)
        x[POSITION] += 1
    else:
        found = code_byte(e, c, lane, np.int64(history[at]) if plan.learns else np.int64(-1))
        history[at] = found
        take(e.lanes, lane, found)
        if x[KIND] == EXECUTABLE:
            take_code(e.code[lane], x[PARAMETER], found)
    number = _segment_at(plan, at + 1)
    if plan.begins[number] == at + 1:
        _enter(e, plan, lane, number)
    if not packed:
        take_matches(e.matches, history, x, lane, found, turn, plan.starts, plan.match_bits)
    _ready(e, plan, lane)
