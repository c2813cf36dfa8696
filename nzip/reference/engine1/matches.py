"""Match models (docs/format/engine1/matches.md)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.reference.bit_length import bit_length
from nzip.reference.engine1.hashes import A, B, shifted
from nzip.reference.engine1.lane import BEGIN, EXPECTED, LAST8, MATCHED, OLDER8, POSITION

HASHED = [[], [5], [6], [4, 8], [5, 12]]
_SHARE = [0, 5, 6, 7, 7]
_LONGEST = 65535
_MOST_COMPARED = 64

# A lane's candidates in a model.
_FIRST, _FIRST_LENGTH, _SECOND, _SECOND_LENGTH, _PAIR = range(5)


class Matches(NamedTuple):
    """``tables``: pairs of positions, newest first, of each model; ``hashed``: its bytes; ``lanes``: of each
    lane and model the candidates and the pair, -1 for none."""

    tables: npt.NDArray[np.int32]
    hashed: npt.NDArray[np.int64]
    lanes: npt.NDArray[np.int64]


def fresh_matches(component_set: int, table_size: int, reference: int) -> tuple[npt.NDArray[np.int32], int]:
    """The tables of a run, and e."""
    e = max(10, table_size - _SHARE[component_set], reference.bit_length() - 1)
    return np.zeros((len(HASHED[component_set]), 1 << (e - 1), 2), np.int32), e


def lane_candidates(component_set: int, lanes: int) -> npt.NDArray[np.int64]:
    candidates = np.zeros((lanes, len(HASHED[component_set]), 5), np.int64)
    candidates[:, :, _PAIR] = -1
    return candidates


@njit(cache=True)
def _coded(at, lane, turn, starts):
    """Whether a position's byte is coded when a lane has taken its byte of a round."""
    if at < starts[0]:
        return True
    if at >= starts[-1]:
        return False
    other = _lane_of(at, starts)
    return at - starts[other] < turn + (1 if other <= lane else 0)


@njit(cache=True)
def _lane_of(at, starts):
    low, high = 0, len(starts) - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if starts[middle] <= at:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True)
def _search(history, pair, of, position, begin, n, starts):
    for p in pair:
        if p == 0:
            break
        a = np.int64(p) + 1
        floor = 0 if p < starts[0] else starts[_lane_of(p, starts)]
        most = min(min(_MOST_COMPARED, a - floor), position - begin)
        length = 0
        while length < most and history[a - 1 - length] == history[position - 1 - length]:
            length += 1
        if length >= n:
            if length > of[_FIRST_LENGTH]:
                of[_SECOND], of[_SECOND_LENGTH] = of[_FIRST], of[_FIRST_LENGTH]
                of[_FIRST], of[_FIRST_LENGTH] = a, length
            else:
                of[_SECOND], of[_SECOND_LENGTH] = a, length


@njit(cache=True)
def _blank(c):
    return c in (0x20, 0x0A)


@njit(cache=True)
def _step(history, of, at, length, c):
    if of[length] == 0:
        return
    found = history[of[at]]
    if found == c or (_blank(found) and _blank(c)):
        of[at] += 1
        of[length] = min(of[length] + 1, _LONGEST)
    else:
        of[length] = 0


@njit(cache=True)
def take_matches(m, history, x, lane, c, turn, starts, e):
    """A lane's matches take the byte that it took in this round. ``starts``: where its lanes begin, and the
    block's end."""
    position, begin = x[POSITION], x[BEGIN]
    x[EXPECTED] = x[MATCHED] = 0
    for model in range(len(m.hashed)):
        of, n = m.lanes[lane, model], m.hashed[model]
        _step(history, of, _FIRST, _FIRST_LENGTH, c)
        _step(history, of, _SECOND, _SECOND_LENGTH, c)
        if of[_FIRST_LENGTH] == 0 and of[_SECOND_LENGTH] != 0:
            of[_FIRST], of[_FIRST_LENGTH] = of[_SECOND], of[_SECOND_LENGTH]
            of[_SECOND_LENGTH] = 0
        if of[_PAIR] >= 0:
            pair = m.tables[model, of[_PAIR]]
            if of[_FIRST_LENGTH] == 0:
                _search(history, pair, of, position, begin, n, starts)
            pair[1] = pair[0]
            pair[0] = position - 1
        if position - begin >= n:
            k = x[LAST8] << (64 - 8 * n) if n <= 8 else x[LAST8] * A + (x[OLDER8] << 32)
            of[_PAIR] = shifted(k * B, 65 - e)
        if of[_FIRST_LENGTH] and not _coded(of[_FIRST], lane, turn, starts):
            of[_FIRST_LENGTH] = 0
        if of[_SECOND_LENGTH] and not _coded(of[_SECOND], lane, turn, starts):
            of[_SECOND_LENGTH] = 0
        if of[_FIRST_LENGTH]:
            x[EXPECTED] = 256 + np.int64(history[of[_FIRST]])
            x[MATCHED] = length_class(of[_FIRST_LENGTH])


@njit(cache=True)
def length_class(x):
    if x < 8:
        return 1 + x // 4
    if x < 16:
        return 3 + (x - 8) // 3
    return 6 if x < 24 else 7 if x < 32 else min(bit_length(x) + 2, 15)


@njit(cache=True)
def expectation(m, history, lane, model):
    """(the expected byte, the class of the length), 0 and 0 without a match."""
    of = m.lanes[lane, model]
    if of[_FIRST_LENGTH] == 0:
        return 0, 0
    return np.int64(history[of[_FIRST]]), length_class(of[_FIRST_LENGTH])
