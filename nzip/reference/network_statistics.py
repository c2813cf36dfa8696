"""What the bytes of a block have taught: the other inputs of glr2 (docs/model.md, The inputs of glr2)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.reference.network_contexts import (
    COLUMN,
    FIELD_LENGTH,
    FIELDS,
    INDENT,
    LAST_BUT_ONE,
    LAST_WORD,
    LENGTH,
    MATCH,
    MATCH_LENGTH,
    START,
    TAKEN,
    WORD,
    above,
    column_row,
    last,
    take_byte,
)

_MIX = np.uint64(0x9E3779B97F4A7C15)
_MATCH_MIX = np.uint64(0xD6E8FEB86659FD93)
_ENTRIES = (10, 15, 16, 16, 16, 16, 16, 15, 16, 15)
_CONTEXTS = 10
_WORD_CONTEXT = 6
_CHECK, _FIRST, _COUNT, _SECOND, _SECOND_COUNT = range(5)
_REACHED = np.array([8, 10, 12, 14, 16, 20, 24, 32, 64, 128, 400])
_EXPECTING = np.array([5, 4, 3, 6, 2, 1, 0])
"""The contexts that say what is expected: orders 6, 5, 4, the word, orders 3, 2, 1."""

_NOTHING = -1


class Statistics(NamedTuple):
    """``followers``: the entries of all contexts, those of context k from ``offset[k]`` on, four a bucket;
    ``hashes``: of each lane's contexts; ``matches``: positions by six bytes; ``ends``: where lanes end."""

    followers: npt.NDArray[np.uint8]
    offset: npt.NDArray[np.int64]
    bits: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint64]
    matches: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]


def fresh_statistics(starts: npt.NDArray[np.int64]) -> Statistics:
    sizes = [1 << bits for bits in _ENTRIES]
    offset = np.cumsum([0, *sizes])
    return Statistics(
        np.zeros((offset[-1], 5), np.uint8),
        offset[:-1].astype(np.int64),
        np.array(_ENTRIES, np.int64),
        np.zeros((len(starts), _CONTEXTS), np.uint64),
        np.zeros(1 << 16, np.int64),
        starts,
    )


@njit(cache=True)
def _hashes(s, lanes, lane):
    x = lanes.numbers[lane]
    for k in range(_CONTEXTS):
        if k < 6:
            key = last(lanes, lane, k + 1)
        elif k == _WORD_CONTEXT:
            key = np.uint64(x[WORD]) << np.uint64(32) | np.uint64(x[LAST_WORD])
        elif k == 7:
            key = last(lanes, lane, 4) & ~np.uint64(255)
        elif k == 8:
            upper = above(lanes, lane, 0) << 24 | above(lanes, lane, 1) << 16
            key = np.uint64(upper) | last(lanes, lane, 2)
        else:
            upper = min(x[FIELDS], 255) << 24 | min(x[FIELD_LENGTH], 255) << 16
            key = np.uint64(upper) | last(lanes, lane, 1)
        s.hashes[lane, k] = ((key ^ key >> np.uint64(29)) * _MIX) ^ np.uint64(k << 24)


@njit(cache=True)
def _find(s, lane, k):
    """(the first entry of the bucket, the entry or -1) of a lane's context."""
    h = s.hashes[lane, k]
    bucket = s.offset[k] + 4 * np.int64(h >> np.uint64(64 - (s.bits[k] - 2)))
    check = np.uint8(h >> np.uint64(24) & np.uint64(255))
    for at in range(bucket, bucket + 4):
        if s.followers[at, _CHECK] == check and s.followers[at, _COUNT] > 0:
            return bucket, at
    return bucket, _NOTHING


@njit(cache=True)
def _follow(s, lane, k, c):
    """The byte c has come: its entry learns, and moves to the front of its bucket."""
    bucket, at = _find(s, lane, k)
    check = np.int64(s.hashes[lane, k] >> np.uint64(24) & np.uint64(255))
    first, count, second, second_count = 0, 0, 0, 0
    if at != _NOTHING:
        entry = s.followers[at]
        first, count = np.int64(entry[_FIRST]), np.int64(entry[_COUNT])
        second, second_count = np.int64(entry[_SECOND]), np.int64(entry[_SECOND_COUNT])
    else:
        at = bucket + 3
    if count > 0 and c == first:
        count = min(count + 1, 15)
    elif second_count > 0 and c == second:
        second_count = min(second_count + 1, 15)
        count -= count // 4
        if second_count >= count:
            first, count, second, second_count = second, second_count, first, count
    elif count < 2:
        second, second_count = first, count
        first, count = c, 1
    else:
        second, second_count = c, 1
        count -= count // 4
    for place in range(at, bucket, -1):
        s.followers[place] = s.followers[place - 1]
    entry = s.followers[bucket]
    entry[_CHECK], entry[_FIRST], entry[_COUNT] = check, first, count
    entry[_SECOND], entry[_SECOND_COUNT] = second, second_count


@njit(cache=True)
def _lane_of(s, at):
    lane = len(s.starts) - 1
    while s.starts[lane] > at:
        lane -= 1
    return lane


@njit(cache=True)
def _byte_at(s, lanes, at, turn):
    """The byte at a position if it was coded before this round, or -1."""
    if at >= len(lanes.text) or at - s.starts[_lane_of(s, at)] >= turn:
        return _NOTHING
    return np.int64(lanes.text[at])


@njit(cache=True)
def _match_byte(s, lanes, lane, further, turn):
    at = lanes.numbers[lane, MATCH]
    return _byte_at(s, lanes, at + further, turn) if at > 0 else _NOTHING


@njit(cache=True)
def _follow_match(s, lanes, lane, at):
    """The lane took the byte before position ``at``: another match may be followed from here."""
    x = lanes.numbers[lane]
    place = np.int64(last(lanes, lane, 6) * _MATCH_MIX >> np.uint64(48))
    known = s.matches[place]
    if x[MATCH_LENGTH] < 16 and known > 0 and known != x[MATCH]:
        most = min(32, known - s.starts[_lane_of(s, known - 1)], at - x[START])
        n = 0
        while n < most and lanes.text[known - 1 - n] == lanes.text[at - 1 - n]:
            n += 1
        if n >= 6 and n > x[MATCH_LENGTH]:
            x[MATCH], x[MATCH_LENGTH] = known, n
    s.matches[place] = at


@njit(cache=True)
def take_in(s, lanes, lane, c, at, turn):
    """Takes a byte of a lane, which was coded in this round at a position of the block."""
    for k in range(_CONTEXTS):
        _follow(s, lane, k, c)
    x = lanes.numbers[lane]
    if _match_byte(s, lanes, lane, 0, turn) == c:
        x[MATCH] += 1
        x[MATCH_LENGTH] = min(x[MATCH_LENGTH] + 1, 65535)
    else:
        x[MATCH] = x[MATCH_LENGTH] = 0
    take_byte(lanes, lane, c, at)
    x[TAKEN] += 1
    if x[TAKEN] >= 6:
        _follow_match(s, lanes, lane, at + 1)


@njit(cache=True)
def _sure(count, second_count):
    if second_count == 0:
        return 0 if count == 1 else 1 if count == 2 else 2 if count <= 4 else 3 if count <= 8 else 4
    return 5 if count <= 2 else 6 if count < 2 * second_count else 7 if count < 8 else 8


@njit(cache=True)
def _hashed(value, k, bits):
    return np.int64((value + np.uint64(k)) * _MIX >> np.uint64(64 - bits))


@njit(cache=True)
def rows_of_glr2(s, lanes, lane, turn, rows):
    """The rows that glr2 sees, in the order of its tables."""
    _hashes(s, lanes, lane)
    x = lanes.numbers[lane]
    history = lanes.history[lane]
    for k in range(4):
        rows[k] = np.int64(history >> np.uint64(8 * k)) & 255
    firsts = np.full(_CONTEXTS, _NOTHING)
    for k in range(_CONTEXTS):
        rows[19 + k] = rows[29 + k] = 0
        _, at = _find(s, lane, k)
        if at != _NOTHING:
            entry = s.followers[at]
            count, second_count = np.int64(entry[_COUNT]), np.int64(entry[_SECOND_COUNT])
            firsts[k] = entry[_FIRST]
            rows[19 + k] = 1 + 256 * _sure(count, second_count) + np.int64(entry[_FIRST])
            if second_count > 0:
                sure = 2 if 2 * second_count >= count else 1 if second_count > 1 else 0
                rows[29 + k] = 1 + 256 * sure + np.int64(entry[_SECOND])
    rows[5], rows[6], rows[7] = rows[0], rows[1], above(lanes, lane, 0)
    rows[8] = column_row(x[COLUMN])
    rows[9] = 16 * min(x[LENGTH], 15) + min(x[INDENT], 15)
    rows[10] = 16 * min(x[FIELDS], 15) + min(x[FIELD_LENGTH], 15)
    words = np.uint64(x[WORD]) << np.uint64(32) | np.uint64(x[LAST_WORD])
    rows[11] = _hashed(np.uint64(x[WORD]), 0, 15)
    rows[12] = _hashed(np.uint64(x[LAST_WORD] + 1 & 0xFFFFFFFF), 1, 13)
    rows[13] = _hashed(words, 2, 16)
    rows[14] = _hashed(words * _MIX + np.uint64(x[LAST_BUT_ONE]), 3, 15)
    rows[15] = _hashed(last(lanes, lane, 3), 4, 14)
    for k in range(3):
        rows[16 + k] = _hashed(last(lanes, lane, 4 + k), 5 + k, 15)
    _expectations(s, lanes, lane, turn, firsts, rows)


@njit(cache=True)
def _third(first, expected):
    return 0 if first == _NOTHING else 2 if first == expected else 1


@njit(cache=True)
def _expectations(s, lanes, lane, turn, firsts, rows):
    match = _match_byte(s, lanes, lane, 0, turn)
    rows[39] = rows[40] = 0
    if match != _NOTHING:
        sure = (lanes.numbers[lane, MATCH_LENGTH] >= _REACHED).sum()
        rows[39] = 1 + 256 * sure + match
        ahead = _match_byte(s, lanes, lane, 1, turn)
        if ahead != _NOTHING:
            rows[40] = 1 + 256 * min(sure // 3, 3) + ahead
    expected = match
    for k in _EXPECTING:
        if expected == _NOTHING:
            expected = firsts[k]
    strength = 0 if match != _NOTHING else -1
    for k in _EXPECTING:
        if firsts[k] != _NOTHING and firsts[k] == expected:
            strength += 1
    known = expected != _NOTHING
    rows[4] = 256 * (strength // 2) + expected if known else 1024
    rows[42] = 1 + 256 * strength + expected if known else 0
    row = 1 if match != _NOTHING else 0
    for k in (5, 3, 2, _WORD_CONTEXT):
        row = 3 * row + _third(firsts[k], expected)
    rows[41] = 2 * row + (1 if firsts[1] != _NOTHING and firsts[1] == expected else 0)
