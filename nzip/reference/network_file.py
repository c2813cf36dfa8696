"""The byte network's file (docs/model.md, File and The inputs of glr2)."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nzip.errors import NzipFormatError
from nzip.reference.cursor import Cursor

_MAGIC = b"NZM\x01"
_MOST_OF_A_HEADER = 65536
_LEVELS = np.array([0, 2, 5, 9, 14, 20, 28, 40], np.int8)
_CHANNELS_OF_THE_PARTS = 288


class Table(NamedTuple):
    """An input table: its rows, whether its values are names of levels, and for one of the residual's the
    first of its channels and how many (0 for all)."""

    rows: int
    named: bool = False
    first: int = 0
    width: int = 0


_GATE = Table(256)
GATES = {"glr1": 4, "glr2": 5}
_TABLES = {
    "glr1": [*4 * [_GATE], *(Table(rows) for rows in (256, 256, 64, 256, 4096, 1024, 2048))],
    "glr2": [
        *4 * [_GATE],
        Table(1025, True),
        *(Table(rows) for rows in (256, 256, 256, 64, 256, 256)),
        Table(1 << 15, True, 0, 96),
        Table(1 << 13, True, 96, 64),
        Table(1 << 16, True, 96, 64),
        Table(1 << 15, True, 160, 32),
        Table(1 << 14, True, 224, 64),
        Table(1 << 15, True, 0, 64),
        Table(1 << 15, True, 64, 48),
        Table(1 << 15, True, 112, 48),
        Table(2305, True, 0, 128),
        *6 * [Table(2305, True)],
        Table(2305, True, 0, 128),
        Table(2305, True),
        Table(2305, True, 0, 128),
        *10 * [Table(769, True, 0, 128)],
        Table(3073, True),
        Table(1025, True, 128, 64),
        Table(486),
        Table(2049, True),
    ],
}


class Network(NamedTuple):
    """A network's numbers. Matrices hold weights of -8 to 7 as floats, whose sums of products are exact.

    ``values``: all input tables, row by row; those of table t begin at ``offset[t]``, have ``width[t]``
    channels and reach those from ``first[t]`` on. The first ``gates`` tables are those of gates.
    """

    gates: int
    values: npt.NDArray[np.int8]
    offset: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    width: npt.NDArray[np.int64]
    b: npt.NDArray[np.int64]
    w1: npt.NDArray[np.float32]
    m1: npt.NDArray[np.int64]
    w2: npt.NDArray[np.float32]
    m2: npt.NDArray[np.int64]
    wo: npt.NDArray[np.float32]
    mo: npt.NDArray[np.int64]
    bo: npt.NDArray[np.int64]
    shifts: npt.NDArray[np.int64]


def read_network(content: bytes) -> tuple[str, Network]:
    """The architecture and the numbers of a network; NzipFormatError for a file that is none."""
    cursor = Cursor(content)
    if cursor.take(4) != _MAGIC:
        raise NzipFormatError("not a network's file")
    size = cursor.number(4)
    if size > _MOST_OF_A_HEADER:
        raise NzipFormatError("a network's header is too long")
    try:
        header = json.loads(cursor.take(size))
        architecture, d, layers = header["architecture"], header["channels"], header["layers"]
        tables = _TABLES[architecture]
    except (ValueError, KeyError, TypeError):
        raise NzipFormatError("a network's header that cannot be read") from None
    if d % 32 or not 32 <= d <= 512 or not 1 <= layers <= 8:
        raise NzipFormatError(f"a network of {layers} layers and {d} channels")
    network = _read(cursor, GATES[architecture], tables, d, layers)
    cursor.end()
    return architecture, network


def _read(cursor: Cursor, gates: int, tables: list[Table], d: int, layers: int) -> Network:
    values, offset, first, width = [], [], [], []
    at = 0
    for number, table in enumerate(tables):
        channels = 3 * d if number < gates else min(table.width or d, d)
        begin = min(table.first, d - channels) if number >= gates else 0
        cells = _nibbles(cursor, table.rows * channels) if table.named else None
        if cells is None:
            cells = np.frombuffer(cursor.take(table.rows * channels), np.int8)
        else:
            level = _LEVELS[cells & 7]
            cells = np.where(cells & 8, -level, level).astype(np.int8)
        values.append(cells)
        offset.append(at)
        first.append(begin)
        width.append(channels)
        at += len(cells)
    b = np.zeros((layers, 3 * d), np.int64)
    w1, m1 = np.zeros((layers, 3 * d, d), np.float32), np.zeros((layers, 3 * d), np.int64)
    w2, m2 = np.zeros((layers, d, d), np.float32), np.zeros((layers, d), np.int64)
    for layer in range(layers):
        if layer > 0:
            w1[layer] = _weights(cursor, 3 * d, d)
            m1[layer] = _integers(cursor, "<u2", 3 * d)
        b[layer] = _integers(cursor, "<i2", 3 * d)
        w2[layer] = _weights(cursor, d, d)
        m2[layer] = _integers(cursor, "<u2", d)
    wo, mo, bo = _weights(cursor, 256, d), _integers(cursor, "<u2", 256), _integers(cursor, "<i2", 256)
    shifts = _integers(cursor, "u1", 2 * layers)
    if max(m1.max(), m2.max(), mo.max()) > 4095 or not (shifts >= 1).all() or not (shifts <= 25).all():
        raise NzipFormatError("a network's multipliers or shifts are too large")
    places = [np.array(column, np.int64) for column in (offset, first, width)]
    all_values = np.concatenate(values)
    return Network(gates, all_values, places[0], places[1], places[2], b, w1, m1, w2, m2, wo, mo, bo, shifts)


def _nibbles(cursor: Cursor, count: int) -> npt.NDArray[np.uint8]:
    packed = np.frombuffer(cursor.take(count // 2), np.uint8)
    return np.stack([packed & 15, packed >> 4], axis=1).reshape(-1)


def _weights(cursor: Cursor, rows: int, columns: int) -> npt.NDArray[np.float32]:
    return _nibbles(cursor, rows * columns).astype(np.float32).reshape(rows, columns) - np.float32(8)


def _integers(cursor: Cursor, kind: str, count: int) -> npt.NDArray[np.int64]:
    size = np.dtype(kind).itemsize * count
    return np.frombuffer(cursor.take(size), kind).astype(np.int64)
