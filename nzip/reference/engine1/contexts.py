"""Contexts of text, binary data, records and bilevel rasters (docs/format/engine1/contexts.md)."""

from __future__ import annotations

import numpy as np
from numba import njit

from nzip.reference.engine1.hashes import A, mix, signed
from nzip.reference.engine1.lane import (
    BILEVEL,
    CLASS1,
    CLASS2,
    CLASS3,
    CLASSES,
    COLUMN,
    EXPECTED,
    FIELD,
    FLOWING,
    INDENT,
    KEY,
    LAST8,
    LETTERS,
    LINE_FIRST,
    MATCHED,
    OLDER8,
    POSITION,
    PUNCTUATION,
    RECORDS,
    SHAPE,
    TAG,
    TEXT,
    WORD,
    WORD1,
    WORD2,
    byte,
    innermost,
    last,
    line_byte,
    line_column,
    record_byte,
)

CONTEXTS = [0, 5, 9, 20, 36]
"""Hashed contexts of each component set."""

MOST_LINES = 40

_LOW32 = 0xFFFFFFFF
_BYTES_7_AND_3 = signed(0xFF000000FF000000)
_HIGHEST_BYTE = signed(0xFF00000000000000)


def _lines(sets: list[list[int]]) -> np.ndarray:
    """For each set, which line of a list stands in each place; -1 for none."""
    table = np.full((5, 36), -1, np.int64)
    for number, lines in enumerate(sets, 1):
        table[number, : len(lines)] = lines
    return table


_TEXT_LINES = _lines([[0, 1, 2, 6, 7], [0, 1, 2, 20, 6, 7, 8, 9, 10], [*range(18), 36, 19], [*range(36)]])
_BINARY_LINES = _lines(
    [[0, 1, 2, 4, 6], [0, 1, 2, 3, 4, 6, 7, 8, 9], [0, 1, 2, 3, 4, 28, *range(6, 20)], [*range(28)]]
)
_RECORD_LINES = _lines([[0, 1, 2, 6, 7], [0, 4, 2, 3, 7, 8, 9, 10, 6], [*range(20)], [*range(28)]])
_BILEVEL_LINES = _lines([[0, 6, 2, 10, 15], [0, 6, 2, 7, 10, 9, 12, 8, 15], [*range(20)], [*range(28)]])

WARMED = {3: [0, 1, 2, 4, 5, 6, 7, 8, 13, 19], 4: [0, 1, 2, 4, 5, 6, 7, 8, 13, 19, 28]}
"""The contexts of text that a prime warms; in the other sets it warms all."""


@njit(cache=True)
def plain_contexts(lanes, lane, component_set, kind, followers):
    """Calculates a lane's contexts in a segment of these kinds, general ones not included."""
    x = lanes.n[lane]
    lines = np.zeros(MOST_LINES, np.int64)
    if kind == TEXT:
        _text(lanes, lane, followers, lines)
        places = _TEXT_LINES[component_set]
    elif kind == RECORDS:
        _records(lanes, x, lines)
        places = _RECORD_LINES[component_set]
    elif kind == BILEVEL:
        _bilevel(lanes, x, lines)
        places = _BILEVEL_LINES[component_set]
    else:
        _binary(x, lines)
        places = _BINARY_LINES[component_set]
    contexts = lanes.contexts[lane]
    for place in range(len(contexts)):
        contexts[place] = lines[places[place]] if places[place] >= 0 else 0


@njit(cache=True)
def general_contexts(lanes, lane):
    """The last eight contexts of set 4, for all kinds but text."""
    x, c = lanes.n[lane], lanes.contexts[lane]
    c[28] = mix(300, mix(x[EXPECTED] << 8 | byte(x, 1), x[MATCHED]))
    c[29] = mix(301, last(x, 2))
    c[30] = mix(302, last(x, 5))
    c[31] = mix(303, mix(x[LAST8], x[OLDER8]))
    c[32] = mix(304, x[SHAPE] & _LOW32)
    c[33] = mix(305, mix(x[EXPECTED], last(x, 2)))
    c[34] = mix(306, last(x, 4) & 0xFF0000FF)
    c[35] = mix(307, mix(last(x, 2), x[POSITION] & 3))


@njit(cache=True)
def _text(lanes, lane, followers, c):
    x = lanes.n[lane]
    word, word1, word2, classes, shape = x[WORD], x[WORD1], x[WORD2], x[CLASSES], x[SHAPE]
    byte1, inside, above = byte(x, 1), innermost(lanes, lane), line_byte(lanes, x)
    c[0] = mix(1, last(x, 4))
    c[1] = mix(2, last(x, 3))
    c[2] = mix(3, last(x, 2))
    c[3] = mix(39, mix(np.int64(followers[last(x, 2)]), byte1))
    c[4] = mix(11, last(x, 3) & 0xFFFF00)
    c[5] = mix(16, x[FLOWING] & 0xFFFFFFFFFF)
    c[6] = mix(4, word + byte1 * A)
    c[7] = mix(5, classes & _LOW32)
    c[8] = mix(6, mix(word, word1) + byte1)
    c[9] = mix(7, mix(line_column(x), above << 8 | byte1))
    c[10] = mix(8, classes)
    c[11] = mix(30, mix(classes & 0xFFFFFF, byte1))
    c[12] = mix(31, mix(x[INDENT], word))
    c[13] = mix(32, mix(inside, word) + byte1)
    c[14] = mix(33, mix(x[LINE_FIRST], word))
    c[15] = mix(34, mix(word, word2))
    c[16] = mix(35, mix(inside, last(x, 2)))
    c[17] = mix(36, mix(above, word))
    c[18] = mix(75, mix(mix(x[CLASS1], x[CLASS2]), x[CLASS3]) + mix(word, byte1))
    c[19] = mix(38, x[FLOWING])
    c[20] = mix(10, x[FLOWING] & 0xFFFFFFFFFFFF)
    c[21] = mix(60, mix(mix(word, word1), word2))
    c[22] = mix(61, mix(x[LAST8], x[OLDER8] & _LOW32))
    c[23] = mix(62, mix(x[LETTERS] & 0xFFFFFFFFFF, 1 if word == 0 else 0))
    c[24] = mix(63, mix(word1, byte1))
    c[25] = mix(76, mix(x[CLASS1], word) + byte1)
    c[26] = mix(77, mix(mix(x[CLASS1], x[CLASS2]), word) + byte1)
    c[27] = mix(66, mix(x[EXPECTED] << 8 | byte1, x[MATCHED]))
    c[28] = mix(67, mix(shape & _LOW32, byte1))
    c[29] = mix(68, mix(shape & 0xFFFFFF, word))
    c[30] = mix(69, mix(x[PUNCTUATION] & 0xFFFFFF, word))
    c[31] = mix(70, mix(word1, classes & 0xFFF))
    c[32] = mix(71, mix(x[TAG], word) + byte1)
    c[33] = mix(72, mix(x[FIELD], last(x, 2)))
    c[34] = mix(73, mix(x[KEY], word) + byte1)
    c[35] = mix(74, mix(shape, byte1))
    c[36] = mix(37, mix(word1, word2) + byte1)


@njit(cache=True)
def _far_bytes(x, c):
    """The last contexts of binary data and of records."""
    c[21] = mix(91, byte(x, 1))
    c[22] = mix(92, mix(x[LAST8], x[OLDER8] & _LOW32))
    c[23] = mix(93, last(x, 2) & 0xFF00)
    c[24] = mix(94, last(x, 6) & 0xFF0000FF0000)
    c[25] = mix(95, x[LAST8] & _BYTES_7_AND_3)
    c[26] = mix(96, x[LAST8] & _HIGHEST_BYTE)
    c[27] = mix(97, mix(x[POSITION] & 15, byte(x, 1)))


@njit(cache=True)
def _binary(x, c):
    aligned = x[POSITION] & 3
    c[0] = mix(1, last(x, 4))
    c[1] = mix(2, last(x, 3))
    c[2] = mix(3, last(x, 2))
    c[3] = mix(10, last(x, 6))
    c[4] = mix(11, last(x, 3) & 0xFFFF00)
    c[5] = mix(16, mix(aligned, last(x, 2)))
    c[6] = mix(12, last(x, 4) & 0xFFFF0000)
    c[7] = mix(13, last(x, 6) & 0xFFFF00FF00FF)
    c[8] = mix(14, mix(aligned, byte(x, 1)))
    c[9] = mix(15, mix(x[CLASSES] & 0xFFFF0000, last(x, 2)))
    c[10] = mix(50, last(x, 3) & 0xFFF0F0)
    c[11] = mix(51, last(x, 4) & 0xFF00FF00)
    c[12] = mix(52, last(x, 3) & 0xFF00FF)
    c[13] = mix(53, last(x, 5) & 0xFF00000000)
    c[14] = mix(54, last(x, 4) & 0xFF000000)
    c[15] = mix(55, last(x, 4) & 0xF0F0F0FF)
    c[16] = mix(56, mix(aligned, last(x, 3) & 0xFF00FF))
    c[17] = mix(57, last(x, 3) & 0xFF0000)
    c[18] = mix(58, x[CLASSES] & _LOW32)
    c[19] = mix(59, last(x, 4) & 0xFFFFFF00)
    c[20] = mix(90, x[WORD] + byte(x, 1))
    _far_bytes(x, c)
    c[28] = mix(16, last(x, 5))


@njit(cache=True)
def _records(lanes, x, c):
    up, up2, up3 = record_byte(lanes, x, 1, 0), record_byte(lanes, x, 2, 0), record_byte(lanes, x, 3, 0)
    left, right = record_byte(lanes, x, 1, -1), record_byte(lanes, x, 1, 1)
    byte1, column = byte(x, 1), x[COLUMN]
    c[0] = mix(1, last(x, 4))
    c[1] = mix(2, last(x, 3))
    c[2] = mix(3, last(x, 2))
    c[3] = mix(10, last(x, 6))
    c[4] = mix(11, last(x, 3) & 0xFFFF00)
    c[5] = mix(46, last(x, 4) & 0xFFFF0000)
    c[6] = mix(20, up << 8 | byte1)
    c[7] = mix(21, mix(up, column))
    c[8] = mix(22, left << 16 | right << 8 | up)
    c[9] = mix(23, up << 16 | up2 << 8 | byte1)
    c[10] = mix(24, mix(column, byte1))
    c[11] = mix(25, up << 16 | last(x, 2))
    c[12] = mix(40, column)
    c[13] = mix(41, (left & 7) << 16 | (right >> 4) << 24 | up << 8 | (byte1 & 15))
    c[14] = mix(42, mix(column, (2 * up - up2) & 255))
    c[15] = mix(43, (up + byte1 - left) & 255)
    c[16] = mix(44, (byte1 & 3) << 28 | (left & 1) << 26 | (right >> 7) << 25 | up << 16 | up2 << 8 | up3)
    c[17] = mix(45, left << 24 | up << 16 | right << 8 | byte1)
    c[18] = mix(47, x[LAST8])
    c[19] = mix(48, last(x, 4) & 0xFFFFFF00)
    c[20] = mix(90, last(x, 7))
    _far_bytes(x, c)


@njit(cache=True)
def _near(row, byte1, s, c):
    """``row`` has the bytes above on the left, above, and above on the right."""
    up_left, up, up_right = row >> 16, row >> 8 & 255, row & 255
    low = up | (byte1 & ((1 << s) - 1)) << 8
    return low | (up_left & ((1 << c) - 1)) << 16 | (up_right >> (8 - c)) << 24


@njit(cache=True)
def _row(lanes, x, rows):
    left, here = record_byte(lanes, x, rows, -1), record_byte(lanes, x, rows, 0)
    return left << 16 | here << 8 | record_byte(lanes, x, rows, 1)


@njit(cache=True)
def _bilevel(lanes, x, c):
    row, row2 = _row(lanes, x, 1), _row(lanes, x, 2)
    up, up_right = row >> 8 & 255, row & 255
    up2_left, up2, up2_right = row2 >> 16, row2 >> 8 & 255, row2 & 255
    up3, up4 = record_byte(lanes, x, 3, 0), record_byte(lanes, x, 4, 0)
    b = byte(x, 1)
    c[0] = mix(1, last(x, 4))
    c[1] = mix(70, up)
    c[2] = mix(3, last(x, 2))
    c[3] = mix(10, last(x, 6))
    c[4] = mix(11, last(x, 3) & 0xFFFF00)
    c[5] = mix(16, last(x, 5))
    c[6] = mix(71, _near(row, b, 3, 2))
    c[7] = mix(72, _near(row, b, 2, 1) << 8 | up2)
    c[8] = mix(73, _near(row, b, 8, 0))
    c[9] = mix(74, _near(row, b, 4, 4))
    c[10] = mix(75, _near(row, b, 3, 2) << 8 | up2)
    c[11] = mix(76, _near(row, b, 1, 1) << 16 | up2 << 8 | up3)
    c[12] = mix(77, _near(row, b, 4, 2) << 16 | up2 << 8 | up3)
    c[13] = mix(78, _near(row, b, 8, 0) << 8 | up2)
    c[14] = mix(79, _near(row, b, 2, 3) << 16 | (up2_left & 3) << 10 | (up2_right >> 6) << 8 | up2)
    c[15] = mix(80, _near(row, b, 8, 8))
    c[16] = mix(81, (up2 << 8 | up3) << 8 | (b & 7))
    c[17] = mix(82, _near(row, b, 0, 0) << 16 | last(x, 2))
    c[18] = mix(83, _near(row, b, 8, 8) << 8 | up2)
    c[19] = mix(84, (up ^ up2) << 8 | (b & 15))
    c[20] = mix(90, _near(row, b, 5, 5) << 8 | up2)
    c[21] = mix(91, mix(row, row2) + (b & 15))
    c[22] = mix(92, mix(last(x, 2) & 0xFFF, up << 4 | up_right >> 4))
    c[23] = mix(93, mix(last(x, 3), row))
    c[24] = mix(94, mix(_near(row, b, 4, 4), up2 << 4 | up2_right >> 4))
    c[25] = mix(95, mix(mix(row, up2), up3 << 8 | b))
    c[26] = mix(96, mix(x[COLUMN], up))
    c[27] = mix(97, mix(_near(row, b, 3, 3), mix(up2, up3) + up4))


@njit(cache=True)
def map_contexts(lanes, lane, kind, maps):
    """The contexts of the eight maps of set 4, but for bilevel rasters."""
    x, c = lanes.n[lane], lanes.contexts[lane]
    maps[0] = mix(200, byte(x, 1))
    maps[1] = mix(201, last(x, 2))
    maps[2] = mix(202, last(x, 3))
    maps[3] = mix(203, x[WORD] + byte(x, 1))
    if kind == TEXT:
        maps[4], maps[5], maps[6], maps[7] = c[0], c[7], c[8], c[5]
    elif kind == RECORDS:
        maps[4], maps[5], maps[6], maps[7] = c[3], c[7], c[10], c[12]
    else:
        maps[4], maps[5], maps[6], maps[7] = c[6], c[7], c[8], c[9]
