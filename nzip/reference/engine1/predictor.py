"""A byte, bit by bit: inputs, selectors, the mixer, APMs (docs/format/engine1/predictor.md)."""

from __future__ import annotations

import numpy as np
from numba import njit

from nzip.reference.engine1.code import code_choices
from nzip.reference.engine1.coder import read_bit
from nzip.reference.engine1.contexts import map_contexts
from nzip.reference.engine1.experts import class_of, is_alive, opinion_of, second_input
from nzip.reference.engine1.hashes import key, mix, shifted
from nzip.reference.engine1.histories import RUN_BYTE, RUN_COUNT, find_slots, move_on, take_run
from nzip.reference.engine1.lane import (
    BILEVEL,
    CLASSES,
    COLUMN,
    EXECUTABLE,
    EXPECTED,
    KIND,
    RECORDS,
    SAMPLES,
    TEXT,
    WORD,
    WORD_LENGTH,
    byte,
    last,
    line_column,
    record_byte,
)
from nzip.reference.engine1.matches import expectation
from nzip.reference.engine1.mixer import learn_mix, mix_inputs
from nzip.reference.engine1.pixels import (
    above,
    begin_pixels,
    choose_by_pixels,
    own,
    pixel_context,
    take_pixel,
)
from nzip.reference.engine1.samples_inputs import (
    SAMPLE_MAPS,
    choose_by_numbers,
    expected_byte,
    measure_bit,
    sample_contexts,
)
from nzip.reference.engine1.state import (
    APM_BYTE,
    BIT,
    CODE_BEFORE,
    CODE_FIELD,
    CODE_OPCODE,
    CODE_PLACE,
    FIRST_MATCH,
    HITS,
    LANGUAGE_MODEL,
    LAST_MATCH,
    LEARNER,
    NETWORK,
    NODE,
    PART,
    SO_FAR,
)
from nzip.reference.engine1.tables import learn_point, learned, p12, refine

_EITHER = -1
_MAP_LIMIT = 255
_LIMIT = 1023
_LEAST = 2**10
_MOST = 2**32 - 1 - 2**10


@njit(cache=True)
def _begin_byte(e, lane):
    s, x = e.scratch, e.lanes.n[lane]
    now, kind = s.now, x[KIND]
    now[SO_FAR], now[BIT], now[NODE], now[PART] = 1, 0, 1, 0
    now[HITS] = find_slots(e.histories, e.lanes.contexts[lane], 0, s.slots)
    s.first_slots[:] = s.slots
    for run in range(e.parts.runs):
        about = e.histories.about[s.slots[run]]
        s.expected[run, 0] = about[RUN_BYTE]
        s.expected[run, 1] = _run_class(np.int64(about[RUN_COUNT]))
    for model in range(len(e.matches.hashed)):
        found, length = expectation(e.matches, e.lanes.history, lane, model)
        s.expected[e.parts.runs + model, 0] = found
        s.expected[e.parts.runs + model, 1] = length
    if kind == BILEVEL:
        begin_pixels(e.lanes, x, s.pixels)
    if kind == EXECUTABLE:
        now[CODE_FIELD], now[CODE_PLACE], now[CODE_BEFORE], now[CODE_OPCODE] = code_choices(e.code[lane], x)
    now[APM_BYTE] = byte(x, 1)
    if e.component_set == 4:
        if kind == SAMPLES:
            now[APM_BYTE] = expected_byte(e.samples, lane)
        map_contexts(e.lanes, lane, kind, s.maps)
    s.apms[0] = 256 * now[APM_BYTE]
    s.apms[1] = shifted(mix(204, last(x, 3)), 48)
    s.apms[2] = shifted(mix(205, x[WORD] + byte(x, 1)), 48)


@njit(cache=True)
def _run_class(count):
    if count < 8:
        return count
    return 8 if count < 16 else 9 if count < 32 else 10 if count < 255 else 11


@njit(cache=True)
def _use(e, u, index, wanted):
    """The probability in 2^-12 of an adaptive bit, which is to learn."""
    e.scratch.used[u], e.scratch.wanted[u] = index, wanted
    return p12(e.bits[index])


@njit(cache=True)
def _history_inputs(e, place0, place1):
    """Inputs of the histories, from the first input on; returns how many there are."""
    s, h, i = e.scratch, e.histories, 0
    for place in range(e.parts.contexts + 2):
        if place == 0:
            state = h.order0[place0]
        elif place == 1:
            state = h.order1[place1]
        else:
            state = h.slots[s.slots[place - 2], s.now[NODE]]
        p = _use(e, place, 256 * place + np.int64(state), _EITHER)
        stretched = e.tables.stretch[p]
        s.inputs[i] = stretched
        if e.parts.inputs > 1:
            s.inputs[i + 1] = stretched if e.tables.pure[state] else 0
        if e.parts.inputs > 2:
            s.inputs[i + 2] = (p - 2048) >> 1
        i += e.parts.inputs
    return i


@njit(cache=True)
def _run_inputs(e, i, u, first):
    """Inputs of the runs from one on; returns how many adaptive bits are used."""
    s, now = e.scratch, e.scratch.now
    for run in range(first, e.parts.runs):
        expected, count = s.expected[run, 0], s.expected[run, 1]
        s.inputs[i + run] = 0
        if count > 0 and is_alive(expected, now[SO_FAR], now[BIT]):
            y = expected >> (7 - now[BIT]) & 1
            index = e.parts.run_bits + 96 * run + 8 * count + now[BIT]
            stretched = e.tables.stretch[_use(e, u, index, y)]
            s.inputs[i + run] = stretched if y else -stretched
            u += 1
    return u


@njit(cache=True)
def _match_inputs(e, i, u):
    s, now = e.scratch, e.scratch.now
    models = len(e.matches.hashed)
    for model in range(models):
        expected, length = s.expected[e.parts.runs + model, 0], s.expected[e.parts.runs + model, 1]
        if length == 0 or not is_alive(expected, now[SO_FAR], now[BIT]):
            length = 0
        if model == 0:
            now[FIRST_MATCH] = length
        now[LAST_MATCH] = length
        s.inputs[i] = s.inputs[i + 1] = 0
        if length:
            y = expected >> (7 - now[BIT]) & 1
            p = _use(e, u, e.parts.match_bits + 32 * model + 2 * length + y, y)
            u += 1
            s.inputs[i] = e.tables.stretch[p] if y else -e.tables.stretch[p]
            s.inputs[i + 1] = p - 2048 if y else 2048 - p
        i += 2
    return u


@njit(cache=True)
def _map_inputs(e, kind, i):
    s = e.scratch
    for k in range(8):
        if kind == BILEVEL:
            index = pixel_context(s.pixels, k)
        else:
            index = 16 * shifted(key(s.maps[k], s.now[PART]), 46) + s.now[NODE]
        s.used_maps[k] = (k << 22) + index
        p = p12(e.maps[s.used_maps[k]])
        s.inputs[i + 2 * k] = e.tables.stretch[p]
        s.inputs[i + 2 * k + 1] = (p - 2048) >> 1


@njit(cache=True)
def _choose(e, lane):
    """The situation's selectors."""
    s, x, now = e.scratch, e.lanes.n[lane], e.scratch.now
    kind, bit, chosen = x[KIND], now[BIT], e.scratch.chosen
    h = e.parts.contexts + 1
    classes = x[CLASSES]
    a, b, d = byte(x, 1), byte(x, 2), classes & 255
    c = 512 + min(x[COLUMN], 1023)
    if kind == TEXT:
        c = byte(x, 3) + (256 if x[WORD] != 0 else 0)
    elif kind == BILEVEL:
        a = 8 * above(s.pixels, 1, 5) + own(s.pixels, 3)
        b = 8 * above(s.pixels, 2, 5) + above(s.pixels, 1, 3)
    elif kind == EXECUTABLE:
        a, b = now[CODE_PLACE], 8 * now[CODE_FIELD] + bit
        c, d = 512 + now[CODE_OPCODE], now[CODE_BEFORE]
    chosen[0] = now[FIRST_MATCH] * h + now[HITS]
    chosen[1] = now[SO_FAR]
    chosen[2] = 256 * kind + a
    chosen[3] = bit * h + now[HITS]
    chosen[4] = 256 * kind + b
    chosen[5] = c
    chosen[6] = d
    chosen[7] = (8 * now[LAST_MATCH] + bit) * 6 + kind
    chosen[8] = x[EXPECTED]
    chosen[9] = 8 * (classes & 255) + bit
    chosen[10] = 128 * min(x[WORD_LENGTH], 15) + 8 * (classes >> 4 & 15) + bit
    chosen[11] = shifted(mix(206, last(x, 2)), 53)
    chosen[12] = line_column(x) + (256 if x[WORD] != 0 else 0)
    if e.component_set == 4:
        if kind == BILEVEL:
            choose_by_pixels(s.pixels, chosen)
        elif kind == RECORDS:
            up = record_byte(e.lanes, x, 1, 0)
            chosen[9] = 8 * up + bit
            chosen[10] = shifted(mix(x[COLUMN], up), 53)
            chosen[12] = 8 * min(x[COLUMN], 63) + bit
        elif kind == SAMPLES:
            choose_by_numbers(e.samples, lane, bit, now[APM_BYTE], chosen)


@njit(cache=True)
def _choose_final(e, lane):
    s, x, now = e.scratch, e.lanes.n[lane], e.scratch.now
    kind, h, sets = x[KIND], e.parts.contexts + 1, e.scratch.sets
    sets[0] = now[SO_FAR]
    sets[1] = 128 + now[HITS]
    if kind == TEXT:
        sets[1] = 8 * (x[CLASSES] & 15) + now[BIT]
    elif kind == EXECUTABLE:
        sets[1] = 128 + h + now[CODE_FIELD]
    sets[2] = 16 * now[HITS] + now[FIRST_MATCH]
    sets[3] = 8 * min(x[WORD_LENGTH], 15) + now[BIT]
    if e.component_set == 4 and kind == BILEVEL:
        sets[0] = 8 * above(s.pixels, 1, 5) + own(s.pixels, 3)
        sets[3] = 4 * above(s.pixels, 2, 5) + own(s.pixels, 2)
    for j in range(4):
        sets[j] += e.set_starts[j]


@njit(cache=True)
def _expert(e, number, lane, i):
    """An expert's two inputs; returns its class."""
    opinion = opinion_of(e.tables, e.trees[number, lane], e.scratch.now[SO_FAR])
    e.scratch.inputs[i] = opinion
    e.scratch.inputs[i + 1] = second_input(e.tables, opinion)
    return class_of(opinion)


@njit(cache=True)
def _expert_row(e, number, lane):
    """The row that a learner or a language model chooses by its top."""
    now = e.scratch.now
    top = e.trees[number, lane, 0]
    other = e.trees[NETWORK, lane, 0] if e.experts[NETWORK] else e.lanes.n[lane, EXPECTED] & 255
    alive = 1 if is_alive(top, now[SO_FAR], now[BIT]) else 0
    return 4 * top + 2 * (1 if top == other else 0) + alive


@njit(cache=True)
def _inputs_and_rows(e, lane, place0, place1):
    """Writes inputs and rows of a bit; returns how many adaptive bits are used, and the APM context of the
    learner or the language model, or -1."""
    s, x, now = e.scratch, e.lanes.n[lane], e.scratch.now
    i, u = _history_inputs(e, place0, place1), e.parts.contexts + 2
    first_run = 0
    if e.component_set == 4 and x[KIND] == SAMPLES:
        first_run = SAMPLE_MAPS
        measure_bit(e.samples, lane, now[BIT], now[SO_FAR])
        sample_contexts(e.samples, lane)
        for k in range(SAMPLE_MAPS):
            index = e.parts.sample_bits + 4096 * k + e.samples.contexts[k]
            s.inputs[i + k] = e.tables.stretch[_use(e, u, index, _EITHER)]
            u += 1
    u = _run_inputs(e, i, u, first_run)
    i += e.parts.runs
    u = _match_inputs(e, i, u)
    i += 2 * len(e.matches.hashed)
    _choose(e, lane)
    k = e.parts.selectors
    other = now[FIRST_MATCH]
    if e.experts[NETWORK]:
        other = _expert(e, NETWORK, lane, i)
        s.chosen[k] = 16 * other + now[FIRST_MATCH]
        s.chosen[k + 1] = e.trees[NETWORK, lane, 0]
        i, k = i + 2, k + 2
    if e.component_set == 4:
        _map_inputs(e, x[KIND], i)
        i += 16
    s.inputs[i] = 256
    i += 1
    refining = -1
    if e.experts[LEARNER]:
        own_class = _expert(e, LEARNER, lane, i)
        s.chosen[k] = _expert_row(e, LEARNER, lane)
        s.chosen[k + 1] = refining = 32 * own_class + other
        k += 2
    elif e.experts[LANGUAGE_MODEL]:
        refining = 32 * _expert(e, LANGUAGE_MODEL, lane, i) + other
        s.chosen[k] = _expert_row(e, LANGUAGE_MODEL, lane)
        k += 1
    for j in range(k):
        s.rows[j] = s.chosen[j] + e.row_starts[j]
    _choose_final(e, lane)
    return u, refining


@njit(cache=True)
def _refined(e, kind, mixed, refining):
    """The probability; ``scratch.apms`` gets the contexts that refined it behind their bases."""
    s, so_far = e.scratch, e.scratch.now[SO_FAR]
    count = 1 if e.component_set == 1 else 3 if e.component_set == 4 else 2
    p = e.tables.squash[(mixed + 4096) >> 1]
    r = np.zeros(3, np.int64)
    for k in range(count):
        context = (s.apms[k] + so_far) & 0xFFFF
        if kind == BILEVEL and e.component_set == 4:
            context = pixel_context(s.pixels, 1 if k == 0 else 4 if k == 1 else 2) & 0xFFFF
        s.apms[4 + k] = (k << 16) + context
        r[k], s.nearest[k] = refine(e.apms[s.apms[4 + k]], mixed)
    if e.component_set == 1:
        p = (p + r[0]) >> 1
    elif e.component_set == 4:
        p = (2 * p + r[0] + 3 * r[1] + 2 * r[2]) >> 3
    else:
        p = (p + r[0] + 2 * r[1]) >> 2
    if refining >= 0:
        s.apms[4 + count] = (count << 16) + refining
        refined, s.nearest[count] = refine(e.apms[s.apms[4 + count]], mixed)
        p = (3 * p + refined) >> 2
        count += 1
    return min(max(p, _LEAST), _MOST), count


@njit(cache=True)
def _learn(e, used, y):
    s = e.scratch
    for u in range(used):
        index, wanted = s.used[u], s.wanted[u]
        came = y if wanted == _EITHER else (1 if y == wanted else 0)
        e.bits[index] = learned(e.bits[index], came, _LIMIT)
    if e.component_set == 4:
        for index in s.used_maps:
            e.maps[index] = learned(e.maps[index], y, _MAP_LIMIT)


@njit(cache=True)
def code_byte(e, c, lane, given):
    """Decodes a byte of a lane; or learns a given one, of 0 to 255, which is thrown away."""
    _begin_byte(e, lane)
    s, x, now = e.scratch, e.lanes.n[lane], e.scratch.now
    group1, nibble = 272 * byte(x, 1), 0
    for bit in range(8):
        if bit == 4:
            now[PART] = 16 + (now[SO_FAR] & 15)
            nibble, now[NODE] = 1 + (now[SO_FAR] & 15), 1
            now[HITS] = find_slots(e.histories, e.lanes.contexts[lane], now[PART], s.slots)
        now[BIT] = bit
        place0 = 16 * nibble + now[NODE]
        place1 = group1 + place0
        used, refining = _inputs_and_rows(e, lane, place0, place1)
        mixed = mix_inputs(e.mixer, e.tables, s.inputs, s.rows, s.sets, s.opinions, s.q)
        p, apms = _refined(e, x[KIND], mixed, refining)
        y = read_bit(c, p) if given < 0 else given >> (7 - bit) & 1
        _learn(e, used, y)
        for k in range(apms):
            learn_point(e.apms[s.apms[4 + k]], s.nearest[k], y)
        learn_mix(e.mixer, e.tables, s.inputs, s.rows, s.sets, s.opinions, s.q, mixed, y)
        move_on(e.histories, e.tables.after, place0, place1, s.slots, now[NODE], y)
        now[SO_FAR] = now[SO_FAR] << 1 | y
        now[NODE] = now[NODE] << 1 | y
        if x[KIND] == BILEVEL:
            take_pixel(s.pixels, y)
    found = now[SO_FAR] & 255
    for run in range(e.parts.runs):
        take_run(e.histories, s.first_slots[run], found)
    return found
