"""NumPy's .npy (numpy.lib.format)."""

from __future__ import annotations

import re

from nzip.codecs.layouts.contract import Extent
from nzip.codecs.layouts.records import record_size, record_type
from nzip.format.cursor import ShortInputError
from nzip.format.registry import BIG_ENDIAN, ElementType

MAGIC = b"\x93NUMPY"
_TYPE = re.compile(rb"'descr': '([<>|=])([a-z])(\d{1,2})'")
_FIELDS = re.compile(rb"'descr': \[((?:\('[^']*', '[<|=][a-z]\d{1,2}'\)(?:, )?)+)\]")
_FIELD = re.compile(rb"'[<|=]([a-z])(\d{1,2})'\)")
_SHAPE = re.compile(rb"'shape': \(([\d, ]*)\)")
_MOST = 1 << 16  # bytes of a header

_TYPES = {
    (b"f", 2): ElementType.FLOAT16,
    (b"f", 4): ElementType.FLOAT32,
    (b"f", 8): ElementType.FLOAT64,
    (b"c", 8): ElementType.FLOAT32,
    (b"c", 16): ElementType.FLOAT64,
    (b"V", 2): ElementType.FLOAT16,
    **{
        (kind, 1 << log2): element
        for kind in (b"i", b"u")
        for log2, element in enumerate(
            (ElementType.INT8, ElementType.INT16, ElementType.INT32, ElementType.INT64)
        )
    },
}


def parse(file: memoryview) -> list[Extent] | None:
    if bytes(file[:6]) != MAGIC:
        return None
    if len(file) < 12:
        raise ShortInputError
    start = 10 if file[6] == 1 else 12
    end = start + int.from_bytes(file[8:start], "little")
    if end > _MOST:
        return None
    if len(file) < end:
        raise ShortInputError
    header = bytes(file[start:end])
    described, shape = _TYPE.search(header), _SHAPE.search(header)
    if shape is None:
        return None
    count = 1
    for dimension in shape[1].split(b","):
        count *= int(dimension or 1) if len(dimension) < 20 else 0
    if described is None:
        return _records(header, end, count)
    width = int(described[3])
    element = _TYPES.get((described[2], width))
    if element is None:
        return None
    big = BIG_ENDIAN if described[1] == b">" and element != ElementType.INT8 else 0
    return [Extent(end, width * count, element + big)]


def _records(header: bytes, start: int, count: int) -> list[Extent]:
    """Of a structured array, whose numbers lie without gaps."""
    described = _FIELDS.search(header)
    fields = [] if described is None else _FIELD.findall(described[1])
    known = [_TYPES[kind, int(width)] for kind, width in fields if (kind, int(width)) in _TYPES]
    element = record_type(known) if len(known) == len(fields) else None
    return [] if element is None else [Extent(start, record_size(known) * count, element)]
