"""What the byte network knows of a lane's text: its lines, words and fields (docs/model.md)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

_NEWLINES = np.uint64(0x0A0A0A0A0A0A0A0A)
_8 = np.uint64(8)

# Places in a lane's numbers.
COLUMN, INDENT, WORD, LENGTH, LAST_WORD, LAST_BUT_ONE, FIELDS, FIELD_LENGTH, LINE_ABOVE, LINE = range(10)
MATCH, MATCH_LENGTH, TAKEN = range(10, 13)
START = 13
_PLACES = 14


class Lanes(NamedTuple):
    """``text`` is the block's, filled as it is coded; ``history`` a lane's last eight bytes; ``numbers`` what
    is known of each lane, by the places above. Lines are positions in the text."""

    text: npt.NDArray[np.uint8]
    history: npt.NDArray[np.uint64]
    numbers: npt.NDArray[np.int64]


def fresh_lanes(text: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> Lanes:
    numbers = np.zeros((len(starts), _PLACES), np.int64)
    numbers[:, LINE_ABOVE] = numbers[:, LINE] = numbers[:, START] = starts
    return Lanes(text, np.full(len(starts), _NEWLINES, np.uint64), numbers)


@njit(cache=True)
def last(lanes, lane, n):
    """The last n bytes of a lane as a big-endian number."""
    return lanes.history[lane] & ((np.uint64(1) << np.uint64(8 * n)) - np.uint64(1))


@njit(cache=True)
def above(lanes, lane, further):
    """The byte of the line before above the next one, or further on; 10 where that line was shorter."""
    x = lanes.numbers[lane]
    at = x[LINE_ABOVE] + x[COLUMN] + further
    return np.int64(lanes.text[at]) if at < x[LINE] else 10


@njit(cache=True)
def take_byte(lanes, lane, byte, at):
    """Takes notice of a byte, which stands at a position of the text."""
    x = lanes.numbers[lane]
    lanes.history[lane] = lanes.history[lane] << _8 | np.uint64(byte)
    lower = byte + 32 if 65 <= byte <= 90 else byte
    if lower >= 128 or 97 <= lower <= 122:
        x[WORD] = (x[WORD] + lower + 1) * 0x2F0B4C47 & 0xFFFFFFFF
        x[LENGTH] += 1
    elif x[LENGTH] > 0:
        x[LAST_BUT_ONE], x[LAST_WORD] = x[LAST_WORD], x[WORD]
        x[WORD] = x[LENGTH] = 0
    if byte == 10:
        x[LINE_ABOVE], x[LINE] = x[LINE], at + 1
        x[COLUMN] = x[INDENT] = x[FIELDS] = x[FIELD_LENGTH] = 0
        return
    if x[INDENT] == x[COLUMN] and byte in (9, 32):
        x[INDENT] += 1
    x[COLUMN] += 1
    x[FIELD_LENGTH] += 1
    if byte in (44, 9, 59, 124, 58, 34, 61, 60):
        x[FIELDS] += 1
        x[FIELD_LENGTH] = 0


@njit(cache=True)
def column_row(column):
    return column if column < 40 else 40 + (column - 40) // 4 if column < 136 else 63


@njit(cache=True)
def rows_of_glr1(lanes, lane, rows):
    """The rows that glr1 sees."""
    x = lanes.numbers[lane]
    history = lanes.history[lane]
    for k in range(4):
        rows[k] = np.int64(history >> np.uint64(8 * k)) & 255
    rows[4] = rows[0]
    rows[5] = above(lanes, lane, 0)
    rows[6] = column_row(x[COLUMN])
    rows[7] = 16 * min(x[LENGTH], 15) + min(x[INDENT], 15)
    rows[8] = (x[WORD] * 0x9E3779B1 & 0xFFFFFFFF) >> 20
    rows[9] = (x[LAST_WORD] * 0x9E3779B1 & 0xFFFFFFFF) >> 22
    rows[10] = (np.int64(last(lanes, lane, 3)) * 0x9E3779B1 & 0xFFFFFFFF) >> 21
