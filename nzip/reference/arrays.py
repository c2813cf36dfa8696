"""Engine 2: arrays of numbers (docs/format/arrays.md)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.errors import NzipFormatError, NzipVersionError
from nzip.reference.block_header import BlockHeader
from nzip.reference.cursor import Cursor

Bytes = npt.NDArray[np.uint8]

_REVISION = 1
_ARRAY = 8
_MOST_OF_A_PIECE = 2**21
_LANES = 32

# The fields of an element by its type: (count, bytes of a number, whether it is a float).
_HALF = (1, 2, True)
_FIELDS = {
    0: [(1, 1, False)],
    1: [(1, 2, False)],
    2: [(1, 4, False)],
    3: [(1, 8, False)],
    4: [(1, 1, True)],
    5: [_HALF],
    6: [(1, 4, True)],
    7: [(1, 8, True)],
    34: [_HALF, (16, 1, False)],
    35: [_HALF, _HALF, (16, 1, False)],
    38: [_HALF, (4, 1, False), (16, 1, False)],
    39: [_HALF, _HALF, (4, 1, False), (16, 1, False)],
    40: [_HALF, (32, 1, False)],
    42: [(16, 1, False), (64, 1, False), _HALF, _HALF],
    43: [(32, 1, False), (64, 1, False), (12, 1, False), _HALF],
    44: [_HALF, _HALF, *3 * [(4, 1, False)], (128, 1, False)],
    45: [_HALF, _HALF, *3 * [(4, 1, False)], (32, 1, False), (128, 1, False)],
    46: [(128, 1, False), (64, 1, False), (16, 1, False), _HALF],
}
_BIG_ENDIAN = 256
_MAY_BE_BIG_ENDIAN = {1, 2, 3, 5, 6, 7}


def decode_arrays(header: BlockHeader, coded: bytes) -> bytes:
    """The bytes that engine 2 coded."""
    if header.revision != _REVISION:
        raise NzipVersionError(f"revision {header.revision} of engine 2 is not known")
    given = header.lanes > 1 or header.prime or header.experts or header.continues or header.keeps
    if header.profile != 0 or header.table_size != 16 or given:
        raise NzipFormatError("a block of arrays has what none may have")
    for segment in header.segments:
        if segment.kind != _ARRAY:
            raise NzipVersionError(f"segments of kind {segment.kind} are not known to engine 2")
        _fields(segment.parameter)
    cursor = Cursor(coded)
    plain = b"".join(_segment(cursor, segment.parameter, segment.size) for segment in header.segments)
    cursor.end()
    return plain


def _fields(kind: int) -> list[tuple[int, int, bool]]:
    little = kind & ~_BIG_ENDIAN
    if kind in _FIELDS:
        return _FIELDS[kind]
    if little in _MAY_BE_BIG_ENDIAN and kind == little + _BIG_ENDIAN:
        return _FIELDS[little]
    raise NzipVersionError(f"arrays of type {kind} are not known")


def _segment(cursor: Cursor, kind: int, size: int) -> bytes:
    fields = _fields(kind)
    element = sum(count * width for count, width, _ in fields)
    elements = size // element
    most = _MOST_OF_A_PIECE // element
    pieces = [_piece(cursor, fields, kind, min(most, elements - at)) for at in range(0, elements, most)]
    return b"".join([*pieces, cursor.take(size - elements * element)])


def _piece(cursor: Cursor, fields: list[tuple[int, int, bool]], kind: int, elements: int) -> bytes:
    columns = [_field(cursor, count * elements, width, is_float) for count, width, is_float in fields]
    rows = []
    for (count, width, _), column in zip(fields, columns, strict=True):
        numbers = column.reshape(elements, count, width)
        rows.append((numbers[:, :, ::-1] if kind & _BIG_ENDIAN else numbers).reshape(elements, -1))
    return np.concatenate(rows, axis=1).tobytes()


def _field(cursor: Cursor, n: int, width: int, is_float: bool) -> Bytes:
    """The numbers of a field: n rows of their bytes, lowest first."""
    distance = cursor.varint(n)
    planes: list[Bytes] = []
    for _ in range(width):
        planes.append(_plane(cursor, n, planes[-1] if planes else None))
    joined = np.stack(planes[::-1], axis=1)
    values = np.ascontiguousarray(joined).view(f"<u{width}")[:, 0]
    bits = 8 * width
    one = values.dtype.type(1)
    if distance == 0:
        if is_float:
            values = values >> one | values << values.dtype.type(bits - 1)
    else:
        values = (values >> one) ^ -(values & one)
        values = _sums(values, distance)
        if is_float:
            top = values.dtype.type(1 << (bits - 1))
            values = np.where(values & top, values ^ top, ~values)
    return values.astype(f"<u{width}").view(np.uint8).reshape(n, width)


def _sums(differences: npt.NDArray[np.unsignedinteger], distance: int) -> npt.NDArray[np.unsignedinteger]:
    """Numbers from what each differs by from the one a distance before it, modulo 2^bits."""
    n = len(differences)
    rows = -(-n // distance)
    padded = np.zeros(rows * distance, differences.dtype)
    padded[:n] = differences
    table = padded.reshape(rows, distance)
    return np.cumsum(table, axis=0, dtype=differences.dtype).reshape(-1)[:n]


def _plane(cursor: Cursor, n: int, before: Bytes | None) -> Bytes:
    form = cursor.number(1)
    if form == 0:
        # As it is: also in the order of places?
        return _from_places(np.frombuffer(cursor.take(n), np.uint8))
    if form == 1:
        return np.full(n, cursor.number(1), np.uint8)
    if form not in (2, 3, 4) or (form == 3 and before is None):
        raise NzipFormatError(f"a plane of form {form}")
    distance = cursor.varint(n, 1) if form == 4 else 0
    bounds = list(cursor.take(cursor.number(1))) if form in (3, 4) else []
    if len(bounds) > 15 or bounds != sorted(set(bounds)):
        raise NzipFormatError("bounds of classes that are not in order")
    classes = np.array([sum(bound <= byte for bound in bounds) for byte in range(256)], np.uint8)
    tables = _tables(cursor, len(bounds) + 1)
    body = Cursor(cursor.take(cursor.varint()))
    states = np.frombuffer(body.take(4 * _LANES), "<u4").astype(np.uint64)
    words = body.rest()
    if len(words) % 2:
        raise NzipFormatError("half a word")
    steps = n // _LANES
    left = n % _LANES
    places = np.zeros(n, np.uint8)
    context = places if before is None else _to_places(before)
    found = _decode(
        places, context, form, distance, classes, tables, states, np.frombuffer(words, "<u2"), steps
    )
    if not found or (states != 2**16).any():
        raise NzipFormatError("a plane whose states do not end as they must")
    places[n - left :] = np.frombuffer(cursor.take(left), np.uint8)
    return _from_places(places)


def _to_places(plane: Bytes) -> Bytes:
    inner = len(plane) // _LANES * _LANES
    return np.concatenate([plane[:inner].reshape(_LANES, -1).T.reshape(-1), plane[inner:]])


def _from_places(places: Bytes) -> Bytes:
    inner = len(places) // _LANES * _LANES
    return np.concatenate([places[:inner].reshape(-1, _LANES).T.reshape(-1), places[inner:]])


def _tables(cursor: Cursor, classes: int) -> npt.NDArray[np.int64]:
    """The frequencies of the 256 bytes in each class."""
    bits = _Bits(cursor)
    tables = np.zeros((classes, 256), np.int64)
    for table in tables:
        first, last = bits.take(8), bits.take(8)
        if first > last:
            raise NzipFormatError("a table of frequencies without a value")
        before = 0
        for value in range(first, last):
            coded = bits.gamma()
            before += coded // 2 if coded % 2 else -(coded // 2)
            if before < 0:
                raise NzipFormatError("a frequency below 0")
            table[value] = before
        table[last] = 4096 - table.sum()
        if table[last] <= 0:
            raise NzipFormatError("frequencies that leave none for the last value")
    bits.end()
    return tables


class _Bits:
    """Bits from a cursor's bytes, the lowest of each first."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._held = 0
        self._count = 0

    def take(self, count: int) -> int:
        while self._count < count:
            self._held |= self._cursor.number(1) << self._count
            self._count += 8
        value = self._held & ((1 << count) - 1)
        self._held >>= count
        self._count -= count
        return value

    def gamma(self) -> int:
        zeros = 0
        while self.take(1) == 0:
            zeros += 1
            if zeros > 13:
                raise NzipFormatError("a number of more than 14 bits")
        return 1 << zeros | self.take(zeros)

    def end(self) -> None:
        if self._held:
            raise NzipFormatError("bits that are not 0 behind the tables")


@njit(cache=True)
def _decode(places, before, form, distance, classes, tables, states, words, steps):
    """Decodes all steps; False if words are missing or left."""
    sums = np.zeros((tables.shape[0], 257), np.int64)
    values = np.zeros((tables.shape[0], 4096), np.uint8)
    for k in range(tables.shape[0]):
        for v in range(256):
            sums[k, v + 1] = sums[k, v] + tables[k, v]
            values[k, sums[k, v] : sums[k, v + 1]] = v
    word = 0
    for t in range(steps):
        for lane in range(32):
            place = 32 * t + lane
            context = 0
            if form == 3:
                context = int(before[place])
            elif form == 4:
                a = int(places[place - 32 * distance]) if t >= distance else 0
                b = int(places[place - 64 * distance]) if t >= 2 * distance else 0
                c = int(places[place - 96 * distance]) if t >= 3 * distance else 0
                e = int(places[place - 128 * distance]) if t >= 4 * distance else 0
                context = ((a + b + 1) // 2 + (c + e + 1) // 2 + 1) // 2
            k = classes[context]
            x = int(states[lane])
            low = x & 4095
            v = values[k, low]
            x = tables[k, v] * (x >> 12) + low - sums[k, v]
            if x < 65536:
                if word == len(words):
                    return False
                x = x << 16 | int(words[word])
                word += 1
            states[lane] = x
            places[place] = v
    return word == len(words)
