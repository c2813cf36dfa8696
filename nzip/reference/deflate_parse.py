"""The encoder that is imitated: what it would do next (docs/format/deflate.md, The parse)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.reference.bit_length import bit_length

# Places of the parameters, in their order in the residue.
(
    PARSE,
    SPLIT,
    HASH,
    HASH_BITS,
    FIRST_BYTE,
    CHAIN,
    GOOD,
    NICE,
    LAZY,
    LEAST,
    REACH,
    REACH_OF_THREE,
    BLOCK_TOKENS,
) = range(13)
NONE, RUNS, GREEDY, LAZILY, GAIN, GAIN_OF_TWO, MOVED = range(7)
OF_THREE, OF_FOUR, OF_FOUR_AND_THREE, OF_FOUR_OTHERWISE = range(4)

# Places of what changes.
_KNOWN_TO, _EXPECTED_AT, _EXPECTED_LENGTH, _EXPECTED_DISTANCE, _LITERAL_AT, _LEAST_NOW = range(6)
_BLOCK_AT, _BLOCK_LEFT, _NEXT, _LITERALS = range(6, 10)

_MASK32 = 0xFFFFFFFF
_MOST = 258
_NOWHERE = -1


class Encoder(NamedTuple):
    """``last`` and ``before``: the last known position of a hash, and the one before a position that has its
    hash; ``last3`` and ``before3`` the same by the hash of three bytes. ``seen`` counts literals by byte."""

    content: npt.NDArray[np.uint8]
    parameters: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    before: npt.NDArray[np.int64]
    last3: npt.NDArray[np.int64]
    before3: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    now: npt.NDArray[np.int64]
    seen: npt.NDArray[np.int64]


def encoder(content: bytes, parameters: list[int]) -> Encoder:
    n = len(content)
    three = n if parameters[HASH] == OF_FOUR_AND_THREE else 0
    now = np.zeros(10, np.int64)
    now[_EXPECTED_AT] = now[_LITERAL_AT] = _NOWHERE
    now[_LEAST_NOW] = parameters[LEAST]
    return Encoder(
        np.frombuffer(content, np.uint8),
        np.array(parameters, np.int64),
        np.full(1 << parameters[HASH_BITS], _NOWHERE, np.int64),
        np.full(n, _NOWHERE, np.int64),
        np.full(1 << 15, _NOWHERE, np.int64),
        np.full(three, _NOWHERE, np.int64),
        np.zeros(n, np.bool_),
        now,
        np.zeros(256, np.int64),
    )


@njit(cache=True)
def has_hash(e, at):
    return at + (3 if e.parameters[HASH] == OF_THREE else 4) <= len(e.content)


@njit(cache=True)
def _hash(e, at):
    kind, bits = e.parameters[HASH], e.parameters[HASH_BITS]
    a, b, c = np.int64(e.content[at]), np.int64(e.content[at + 1]), np.int64(e.content[at + 2])
    if kind == OF_THREE:
        s = (bits + 2) // 3
        return (a << 2 * s ^ b << s ^ c) & ((1 << bits) - 1)
    x = a | b << 8 | c << 16 | np.int64(e.content[at + 3]) << 24
    factor = 2654435761 if kind == OF_FOUR else 506832829
    return (factor * x & _MASK32) >> (32 - bits)


@njit(cache=True)
def _hash3(e, at):
    x = np.int64(e.content[at]) | np.int64(e.content[at + 1]) << 8 | np.int64(e.content[at + 2]) << 16
    return (506832829 * x & _MASK32) >> 17


@njit(cache=True)
def _learn(e, at):
    """Makes a position known."""
    e.now[_KNOWN_TO] = at + 1
    if not has_hash(e, at):
        return
    e.known[at] = True
    h = _hash(e, at)
    e.before[at] = e.last[h]
    e.last[h] = at
    if e.parameters[HASH] == OF_FOUR_AND_THREE:
        h = _hash3(e, at)
        e.before3[at] = e.last3[h]
        e.last3[h] = at


@njit(cache=True)
def know(e, end):
    """Makes all positions below an end known that are not passed."""
    while e.now[_KNOWN_TO] < end:
        _learn(e, e.now[_KNOWN_TO])


@njit(cache=True)
def know_token(e, at, length):
    """Makes the positions of a token known."""
    parse = e.parameters[PARSE]
    if parse in (NONE, RUNS):
        return
    if parse in (GREEDY, MOVED) and length > e.parameters[LAZY]:
        know(e, at + 1)
        if not (parse == GREEDY and e.parameters[GOOD] != 0) and at + length > e.now[_KNOWN_TO]:
            _learn(e, at + length - 1)
    else:
        know(e, at + length)


@njit(cache=True)
def first_place(e, at):
    if not has_hash(e, at):
        return _NOWHERE
    if at < e.now[_KNOWN_TO]:
        return e.before[at] if e.known[at] else _NOWHERE
    return e.last[_hash(e, at)]


@njit(cache=True)
def first_place3(e, at):
    if not has_hash(e, at):
        return _NOWHERE
    if at < e.now[_KNOWN_TO]:
        return e.before3[at] if e.known[at] else _NOWHERE
    return e.last3[_hash3(e, at)]


@njit(cache=True)
def same(e, a, b, most):
    """How many bytes from two positions on are the same."""
    n = 0
    while n < most and e.content[a + n] == e.content[b + n]:
        n += 1
    return n


@njit(cache=True)
def _search(e, at, longer, places):
    """A match at a position that is longer than that: (length, distance), or (0, 0)."""
    most = min(_MOST, len(e.content) - at)
    if most <= longer or not has_hash(e, at):
        return 0, 0
    reach, first_byte = e.parameters[REACH], e.parameters[FIRST_BYTE] != 0
    best, distance = longer, 0
    if e.parameters[HASH] == OF_FOUR_AND_THREE and longer < 3:
        place = first_place3(e, at)
        if place != _NOWHERE and at - place <= reach and same(e, place, at, 3) == 3:
            best, distance = 3, at - place
    place = first_place(e, at)
    for k in range(places):
        if place == _NOWHERE:
            break
        away = at - place
        if first_byte:
            counts = away <= reach
        else:
            counts = place != 0 and (away <= reach if k == 0 else at <= reach or away < reach)
        if not counts:
            break
        length = same(e, place, at, most)
        if length > best:
            best, distance = length, away
            if length >= e.parameters[NICE] or length == most:
                break
        place = e.before[place]
    if distance == 0 or best < e.now[_LEAST_NOW]:
        return 0, 0
    if best == 3 and distance > e.parameters[REACH_OF_THREE]:
        return 0, 0
    return best, distance


@njit(cache=True)
def _least_by(bytes_, chain):
    least = 3
    for bound, value in ((80, 4), (45, 5), (16, 6), (10, 7), (8, 8), (6, 9)):
        if bytes_ < bound:
            least = value
    for bound, value in ((16, 7), (10, 5), (5, 4)):
        if chain < bound:
            least = min(least, value)
    return least


@njit(cache=True)
def begin_block(e, at):
    """Says where a block of tokens begins."""
    left = len(e.content) - at
    e.now[_BLOCK_AT], e.now[_BLOCK_LEFT] = at, left
    e.now[_NEXT] = min(10000, left)
    e.now[_LITERALS] = 0
    e.seen[:] = 0
    if e.parameters[LEAST] != 0:
        return
    b = 300000 if left >= 305000 else left
    e.now[_LEAST_NOW] = 3
    if b >= 512:
        met = np.zeros(256, np.bool_)
        for byte in e.content[at : at + min(4096, b)]:
            met[byte] = True
        e.now[_LEAST_NOW] = _least_by(met.sum(), e.parameters[CHAIN])


@njit(cache=True)
def count_literal(e, byte):
    e.seen[byte] += 1
    e.now[_LITERALS] += 1


@njit(cache=True)
def _set_least(e, at):
    """Sets the shortest match anew by the block's literals, where that is due."""
    passed = at - e.now[_BLOCK_AT]
    if e.parameters[LEAST] != 0 or e.parameters[PARSE] not in (GAIN, GAIN_OF_TWO) or passed < e.now[_NEXT]:
        return
    e.now[_LEAST_NOW] = _least_by((e.seen > e.now[_LITERALS] // 1024).sum(), e.parameters[CHAIN])
    e.now[_NEXT] = min(e.now[_NEXT] + passed, e.now[_BLOCK_LEFT])


@njit(cache=True)
def _expect(e, at, length, distance):
    e.now[_EXPECTED_AT], e.now[_EXPECTED_LENGTH], e.now[_EXPECTED_DISTANCE] = at, length, distance


@njit(cache=True)
def predict(e, at):
    """(length, distance) of the predicted token and of what was found; (0, 0) for a literal, for none."""
    parse = e.parameters[PARSE]
    if parse == NONE or e.now[_LITERAL_AT] == at:
        return 0, 0, 0, 0
    if parse == RUNS:
        most = min(_MOST, len(e.content) - at)
        length = same(e, at - 1, at, most) if at > 0 else 0
        return (length, 1, length, 1) if length >= 3 else (0, 0, 0, 0)
    chain = e.parameters[CHAIN]
    if e.now[_EXPECTED_AT] == at:
        length, distance = e.now[_EXPECTED_LENGTH], e.now[_EXPECTED_DISTANCE]
    else:
        _set_least(e, at)
        length, distance = _search(e, at, 2, chain)
    know(e, at + 1)
    if parse == GREEDY or length == 0:
        return length, distance, length, distance
    if parse == LAZILY:
        waits = _lazily(e, at, length)
    elif parse == MOVED:
        return _moved(e, at, length, distance)
    else:
        waits = _gain(e, at, length, distance)
    return (0, 0, length, distance) if waits else (length, distance, length, distance)


@njit(cache=True)
def _lazily(e, at, length):
    if length >= e.parameters[LAZY]:
        return False
    chain = e.parameters[CHAIN]
    places = max(1, chain // 4) if length >= e.parameters[GOOD] else chain
    longer, away = _search(e, at + 1, length, places)
    if longer:
        _expect(e, at + 1, longer, away)
    return longer > 0


@njit(cache=True)
def _gain(e, at, length, distance):
    if length >= e.parameters[NICE]:
        return False
    for k in range(1, 2 if e.parameters[PARSE] == GAIN else 3):
        know(e, min(at + k, len(e.content)))
        other, away = _search(e, at + k, length - 1, max(1, e.parameters[CHAIN] >> k))
        if other and 4 * (other - length) + bit_length(distance) - bit_length(away) > 4 * k - 2:
            _expect(e, at + k, other, away)
            if k == 2:
                e.now[_LITERAL_AT] = at + 1
            return True
    return False


@njit(cache=True)
def _moved(e, at, length, distance):
    while True:
        know_token(e, at, length)
        end = at + length
        n, away = _search(e, end, 2, e.parameters[CHAIN])
        begin = end
        if n:
            moved = n
            while (
                begin > at
                and begin > end - e.parameters[REACH]
                and moved < 256
                and begin - away > 1
                and e.content[begin - 1] == e.content[begin - 1 - away]
            ):
                begin -= 1
                moved += 1
            if begin == at:
                length, distance = moved, away
                continue
            if begin == at + 1:
                _expect(e, begin, moved, away)
                return 0, 0, length, distance
        _expect(e, end, n, away)
        return length, distance, length, distance
