"""What a lane knows of its bytes (docs/format/engine1/lane.md)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.reference.engine1.hashes import mix, shifted

# A lane's numbers, by the names of the page.
(
    POSITION,
    BEGIN,
    LAST8,
    OLDER8,
    FLOWING,
    CLASSES,
    SHAPE,
    WORD,
    WORD_LENGTH,
    LETTERS,
    BEFORE_LETTER,
    WORD1,
    WORD2,
    CLASS1,
    CLASS2,
    CLASS3,
    LINE_BEGIN,
    PREVIOUS_LINE,
    LINE_FIRST,
    INDENT,
    DEPTH,
    PUNCTUATION,
    KEY,
    FIELD,
    TAG,
    IN_TAG,
    KIND,
    PARAMETER,
    SEGMENT_BEGIN,
    STRIDE,
    COLUMN,
    EXPECTED,
    MATCHED,
) = range(33)
_NUMBERS = 33

TEXT, BINARY, RECORDS, BILEVEL, EXECUTABLE, SAMPLES, PACKED = range(7)

_OTHER_CLASS = 15


class Lanes(NamedTuple):
    """``n`` has the numbers of each lane, ``open`` its open brackets; ``history`` is the run's; ``contexts``
    are those of each lane's next byte. ``classes`` gives each byte's class; ``word_classes`` is the table of
    word classes, (class, check) each, or empty where the component set needs none."""

    n: npt.NDArray[np.int64]
    open: npt.NDArray[np.int64]
    history: npt.NDArray[np.uint8]
    contexts: npt.NDArray[np.int64]
    classes: npt.NDArray[np.int64]
    word_classes: npt.NDArray[np.int64]


def fresh_lanes(
    count: int, contexts: int, history: npt.NDArray[np.uint8], word_classes: npt.NDArray[np.int64]
) -> Lanes:
    return Lanes(
        np.zeros((count, _NUMBERS), np.int64),
        np.zeros((count, 16), np.int64),
        history,
        np.zeros((count, contexts), np.int64),
        _byte_classes(),
        word_classes,
    )


def _byte_classes() -> npt.NDArray[np.int64]:
    classes = np.full(256, _OTHER_CLASS, np.int64)
    classes[:32] = 13
    classes[128:] = 6
    groups = {
        4: b" ",
        5: b"\n",
        7: b".!?",
        8: b",;:",
        9: b"<>",
        10: b"()[]{}",
        11: b"\"'",
        12: b"=",
        14: b"-_/",
    }
    for number, members in groups.items():
        classes[list(members)] = number
    classes[ord("a") : ord("z") + 1] = 1
    classes[ord("A") : ord("Z") + 1] = 2
    classes[ord("0") : ord("9") + 1] = 3
    return classes


def word_class_table(text: bytes) -> npt.NDArray[np.int64]:
    """The table of word classes from the file of the lists."""
    table = np.zeros((1 << 14, 2), np.int64)
    for number, line in enumerate(text.splitlines(), 1):
        for word in line[line.index(b'"') + 1 : line.rindex(b'"')].split(b" "):
            h = 0
            for byte in word:
                h = int(mix(h, byte))
            at = h >> 50 & 0x3FFF
            while table[at, 0]:
                at = (at + 1) % 2**14
            table[at] = number, h >> 25 & (2**25 - 1)
    return table


@njit(cache=True)
def _word_class(table, h):
    if len(table) == 0:
        return 0
    at, check = shifted(h, 50), h >> 25 & ((1 << 25) - 1)
    while table[at, 0] != 0:
        if table[at, 1] == check:
            return table[at, 0]
        at = (at + 1) & 0x3FFF
    return 0


@njit(cache=True)
def last(x, n):
    """The last n bytes, n below 8, as a number."""
    return x[LAST8] & ((1 << 8 * n) - 1)


@njit(cache=True)
def byte(x, n):
    """The n-th last byte."""
    return x[LAST8] >> 8 * (n - 1) & 255


@njit(cache=True)
def _cont(c):
    return 0x80 <= c <= 0xBF


@njit(cache=True)
def _ideograph(c):
    return 0xE3 <= c <= 0xE9 or c == 0xEF


@njit(cache=True)
def _small_letter(b, c):
    if not _cont(c):
        return 0
    x = 64 * (b & 0x1F) + (c & 0x3F)
    if b == 0xC3:
        return x + 0x20 if x <= 0xDE and x != 0xD7 else 0
    if b == 0xCE:
        return x + 0x20 if 0x391 <= x <= 0x3A9 else 0
    if b == 0xD0:
        return x + 0x50 if x < 0x410 else x + 0x20 if x < 0x430 else 0
    return 0


@njit(cache=True)
def take(lanes, lane, c):
    """Takes a byte that is not packed; machine code takes it elsewhere."""
    x = lanes.n[lane]
    x[POSITION] += 1
    x[OLDER8] = x[OLDER8] << 8 | shifted(x[LAST8], 56)
    x[LAST8] = x[LAST8] << 8 | c
    _flow(x, c)
    a_class = lanes.classes[65] if _small_letter(byte(x, 2), c) else lanes.classes[c]
    x[CLASSES] = x[CLASSES] << 4 | a_class
    if x[SHAPE] & 15 != a_class:
        x[SHAPE] = x[SHAPE] << 4 | a_class
    _word(lanes, x, c)
    _line(lanes, lane, c)
    _structure(x, c)
    if x[STRIDE] != 0:
        x[COLUMN] += 1
        if x[COLUMN] == x[STRIDE]:
            x[COLUMN] = 0


@njit(cache=True)
def _flow(x, c):
    low = x[FLOWING] & 255
    is_open = low != 0x20 and low != 0x0A
    if c == 0x0A:
        x[FLOWING] = x[FLOWING] << 8 | 0x20 if is_open else x[FLOWING] & -256 | 0x0A
    elif c == 0x20:
        if is_open:
            x[FLOWING] = x[FLOWING] << 8 | c
    elif c != 0x0D:
        x[FLOWING] = x[FLOWING] << 8 | c


@njit(cache=True)
def _letter(x, c):
    x[WORD] = mix(x[WORD], c)
    x[WORD_LENGTH] += 1
    x[LETTERS] = x[LETTERS] << 8 | c


@njit(cache=True)
def _take_back(x):
    x[WORD] = x[BEFORE_LETTER]
    x[WORD_LENGTH] -= 1
    x[LETTERS] = shifted(x[LETTERS], 8)


@njit(cache=True)
def _end_word(lanes, x):
    x[CLASS3], x[CLASS2] = x[CLASS2], x[CLASS1]
    found = _word_class(lanes.word_classes, x[WORD])
    x[CLASS1] = found if found else 256 + (x[LETTERS] & 0xFFFF)
    x[WORD2], x[WORD1] = x[WORD1], x[WORD]
    x[WORD] = x[WORD_LENGTH] = 0


@njit(cache=True)
def _word(lanes, x, c):
    if c < 0x80:
        lower = c + 32 if 65 <= c <= 90 else c
        if 97 <= lower <= 122:
            _letter(x, lower)
        elif x[WORD] != 0:
            _end_word(lanes, x)
        return
    if last(x, 3) >> 8 == 0xE280 and _cont(c):
        return
    ends = _ideograph(byte(x, 4)) and _cont(byte(x, 3)) and _cont(byte(x, 2))
    if _ideograph(c) and ends:
        _end_word(lanes, x)
    b = byte(x, 2)
    small = _small_letter(b, c)
    if (b == 0xE2 and c == 0x80) or (b == 0xC2 and _cont(c)):
        _take_back(x)
        if x[WORD] != 0:
            _end_word(lanes, x)
    elif small:
        _take_back(x)
        _letter(x, 0xC0 + (small >> 6))
        _letter(x, 0x80 + (small & 0x3F))
    else:
        if not _cont(c):
            x[BEFORE_LETTER] = x[WORD]
        _letter(x, c)


@njit(cache=True)
def _line(lanes, lane, c):
    x = lanes.n[lane]
    if c == 0x0A:
        x[PREVIOUS_LINE], x[LINE_BEGIN] = x[LINE_BEGIN], x[POSITION]
        x[LINE_FIRST] = x[INDENT] = 0
        return
    at = x[POSITION] - 1 - x[LINE_BEGIN]
    if at == 0:
        x[LINE_FIRST] = c
    if at == x[INDENT] and c in (0x20, 0x09):
        x[INDENT] += 1
    if c in (40, 91, 123, 60) and x[DEPTH] < 16:
        lanes.open[lane, x[DEPTH]] = c
        x[DEPTH] += 1
    if c in (41, 93, 125, 62) and x[DEPTH] > 0:
        x[DEPTH] -= 1


@njit(cache=True)
def _structure(x, c):
    letter, digit = x[WORD] != 0, 48 <= c <= 57
    if not letter and not digit and c != 0x20:
        x[PUNCTUATION] = x[PUNCTUATION] << 8 | c
    if c in (61, 58, 40):
        x[KEY] = x[WORD1]
    if c in (44, 59, 9, 124, 58):
        x[FIELD] += 1
    if c == 0x0A:
        x[FIELD] = 0
    if c == 60:
        x[TAG], x[IN_TAG] = 0, 1
    elif x[IN_TAG] and (letter or digit or c in (47, 33)):
        x[TAG] = mix(x[TAG], c)
    else:
        x[IN_TAG] = 0


@njit(cache=True)
def innermost(lanes, lane):
    depth = lanes.n[lane, DEPTH]
    return lanes.open[lane, depth - 1] if depth > 0 else 0


@njit(cache=True)
def line_column(x):
    return min(x[POSITION] - x[LINE_BEGIN], 255)


@njit(cache=True)
def line_byte(lanes, x):
    at = x[PREVIOUS_LINE] + x[POSITION] - x[LINE_BEGIN]
    return np.int64(lanes.history[at]) if at < x[LINE_BEGIN] else 0


@njit(cache=True)
def record_byte(lanes, x, rows, right):
    at = x[POSITION] - rows * x[STRIDE] + right
    return np.int64(lanes.history[at]) if x[BEGIN] <= at < x[POSITION] else 0
