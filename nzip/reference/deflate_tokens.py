"""The tokens of a deflate block, by what the imitated encoder would do (docs/format/deflate.md, Tokens)."""

from __future__ import annotations

import numpy as np
from numba import njit

from nzip.reference.deflate_decisions import NUMBER, bit, number
from nzip.reference.deflate_parse import (
    BLOCK_TOKENS,
    CHAIN,
    GREEDY,
    HASH,
    LAZILY,
    NONE,
    OF_FOUR_AND_THREE,
    PARSE,
    RUNS,
    SPLIT,
    count_literal,
    first_place,
    first_place3,
    know_token,
    predict,
    same,
)

MOST_TOKENS = 2**24

# Places of the models of tokens.
_AS_PREDICTED = 0  # 8 by what is predicted, times 8 by the last guesses
_IS_LITERAL = 64
_HAS_LENGTH = 72
_IS_SHORTER = 73
_AMONG_PLACES = 74
_LENGTH, _SHORTER, _LONGER, _PLACES, _DISTANCE = (75 + NUMBER * k for k in range(5))
TOKEN_MODELS = 75 + 5 * NUMBER
LIKELY_TOKEN_MODELS = [range(_AS_PREDICTED, 64), range(_AMONG_PLACES, _AMONG_PLACES + 1)]

_MOST_PLACES = 4096
_NOWHERE = -1


@njit(cache=True)
def _class(length, found):
    if length == 0:
        return 1 if found else 0
    if length <= 4:
        return length - 1
    return 4 if length <= 6 else 5 if length <= 12 else 6 if length <= 32 else 7


@njit(cache=True)
def _place(e, at, length, wanted):
    """The distance of the place of a match before which so many count, or 0."""
    if e.parameters[PARSE] in (NONE, RUNS):
        return 0
    by3 = length == 3 and e.parameters[HASH] == OF_FOUR_AND_THREE
    place = first_place3(e, at) if by3 else first_place(e, at)
    for _ in range(_MOST_PLACES):
        if place == _NOWHERE or at - place > 32768:
            break
        if same(e, place, at, length) == length:
            if wanted == 0:
                return at - place
            wanted -= 1
        place = e.before3[place] if by3 else e.before[place]
    return 0


@njit(cache=True)
def token(d, models, e, at, guesses):
    """(length, distance) of the token at a position, (0, 0) for a literal, (-1, 0) for one that cannot be."""
    length, distance, found, _ = predict(e, at)
    kind = _class(length, found)
    right = bit(d, models + _AS_PREDICTED + 8 * kind + guesses[0])
    guesses[0] = (guesses[0] << 1 | right) & 7
    if right:
        return length, distance
    if length > 0 and bit(d, models + _IS_LITERAL + kind):
        return 0, 0
    if not found:
        length = number(d, models + _LENGTH) + 3
    elif bit(d, models + _HAS_LENGTH):
        length = found
    elif bit(d, models + _IS_SHORTER):
        length = found - 1 - number(d, models + _SHORTER)
    else:
        length = found + 1 + number(d, models + _LONGER)
    if not 3 <= length <= min(258, len(e.content) - at):
        return -1, 0
    if bit(d, models + _AMONG_PLACES):
        distance = _place(e, at, length, number(d, models + _PLACES))
    else:
        distance = number(d, models + _DISTANCE) + 1
    if not 1 <= distance <= min(32768, at) or same(e, at - distance, at, length) < length:
        return -1, 0
    return length, distance


@njit(cache=True)
def _extra_bits(distance):
    bits = 0
    x = distance - 1
    while x > 3:
        x >>= 1
        bits += 1
    return bits


@njit(cache=True)
def tokens(d, models, e, at, count, guesses, out):
    """Decodes a block's tokens into ``out``: a count of them, or (-1) up to where the split says.

    Returns how many there are, or -1 for a token that cannot be.
    """
    by_gain = e.parameters[SPLIT] == 1 and not (e.parameters[PARSE] == GREEDY and e.parameters[CHAIN] < 32)
    start, t, matches, cost = at, 0, 0, 0
    while t != count and at < len(e.content):
        if t == MOST_TOKENS:
            return -1
        length, distance = token(d, models, e, at, guesses)
        if length < 0:
            return -1
        out[t, 0], out[t, 1] = length, distance
        t += 1
        before = at
        if length == 0:
            count_literal(e, e.content[at])
            length = 1
        else:
            matches += 1
            cost += 5 + _extra_bits(distance)
        know_token(e, at, length)
        at += length
        if count < 0:
            if t == e.parameters[BLOCK_TOKENS]:
                break
            b = before - start + (1 if e.parameters[PARSE] == LAZILY else 0)
            if by_gain and t % 4096 == 0 and matches < t // 2 and (8 * t + cost) // 8 < b // 2:
                break
    return t


def room_for_tokens(left: int) -> np.ndarray:
    return np.zeros((min(left, MOST_TOKENS), 2), np.int32)
