"""LAS 1.0 to 1.4 (ASPRS): points of a laser scanner as records, not those that LASzip compressed."""

from __future__ import annotations

from nzip.codecs.layouts.contract import Extent
from nzip.codecs.layouts.records import record_size, record_type
from nzip.format.cursor import ShortInputError
from nzip.format.registry import ElementType

_HEADER = 227  # bytes of the shortest
_LONG_HEADER, _COUNT = 375, 247  # of version 1.4, and where that counts points

_BYTE, _SHORT, _INT = ElementType.INT8, ElementType.INT16, ElementType.INT32
_POINT = (_INT,) * 3 + (_SHORT,) + (_BYTE,) * 4 + (_SHORT,)  # x, y, z, intensity, flags, ..., source
_LONG_POINT = (*_POINT, _SHORT, ElementType.FLOAT64)  # of version 1.4
_TIME, _COLOURS = (ElementType.FLOAT64,), (_SHORT,) * 3
_FORMATS = {
    0: _POINT,
    1: _POINT + _TIME,
    2: _POINT + _COLOURS,
    3: _POINT + _TIME + _COLOURS,
    6: _LONG_POINT,
    7: _LONG_POINT + _COLOURS,
    8: (*_LONG_POINT, *_COLOURS, _SHORT),
}


def parse(file: memoryview) -> list[Extent] | None:
    if bytes(file[:4]) != b"LASF":
        return None
    if len(file) < _HEADER:
        raise ShortInputError

    def number(at: int, size: int) -> int:
        return int.from_bytes(file[at : at + size], "little")

    start, size, count = number(96, 4), number(105, 2), number(107, 4)
    if number(94, 2) >= _LONG_HEADER:
        if len(file) < _LONG_HEADER:
            raise ShortInputError
        count = number(_COUNT, 8)
    fields = _FORMATS.get(number(104, 1))
    if fields is None:
        return []
    more = size - record_size(fields)  # bytes that a user added
    element = record_type((*fields, *(_BYTE,) * more)) if more >= 0 else None
    return [] if element is None else [Extent(start, size * count, element)]
