"""Point clouds as text that describes records: PLY (Stanford) and PCD (Point Cloud Library), binary."""

from __future__ import annotations

import re

from nzip.codecs.layouts.contract import Extent
from nzip.codecs.layouts.records import record_size, record_type
from nzip.format.cursor import ShortInputError
from nzip.format.registry import ElementType

_MOST = 1 << 14  # bytes of a header
_PLY_START = re.compile(rb"ply\r?\nformat binary_little_endian 1\.0\r?\n")
_PLY_END = re.compile(rb"\nend_header\r?\n")
_PLY_TYPES = {
    **dict.fromkeys((b"char", b"uchar", b"int8", b"uint8"), ElementType.INT8),
    **dict.fromkeys((b"short", b"ushort", b"int16", b"uint16"), ElementType.INT16),
    **dict.fromkeys((b"int", b"uint", b"int32", b"uint32"), ElementType.INT32),
    **dict.fromkeys((b"float", b"float32"), ElementType.FLOAT32),
    **dict.fromkeys((b"double", b"float64"), ElementType.FLOAT64),
}
_PCD_START = re.compile(rb"(#[^\n]*\n)*VERSION ")
_PCD_END = re.compile(rb"\nDATA (\w+)\r?\n")
_PCD_TYPES = {
    **{
        (kind, size): element
        for kind in (b"I", b"U")
        for size, element in (
            (b"1", ElementType.INT8),
            (b"2", ElementType.INT16),
            (b"4", ElementType.INT32),
            (b"8", ElementType.INT64),
        )
    },
    (b"F", b"4"): ElementType.FLOAT32,
    (b"F", b"8"): ElementType.FLOAT64,
}


def parse_ply(file: memoryview) -> list[Extent] | None:
    """The elements up to the first one that has lists, whose records are not of one size."""
    head = bytes(file[:_MOST])
    if not _PLY_START.match(head):
        return None
    end = _end(_PLY_END, head, len(file))
    if end is None:
        return None
    at, extents = end.end(), []
    for described in head[: end.start()].split(b"\nelement ")[1:]:
        first, *lines = described.split(b"\n")
        properties = [line.split() for line in lines if line.startswith(b"property ")]
        fields = [_PLY_TYPES.get(each[1]) for each in properties if len(each) == 3]
        extent = _records(at, fields if len(fields) == len(properties) else [None], first.split()[-1:])
        if extent is None:
            break
        extents.append(extent)
        at = extent.end
    return extents


def parse_pcd(file: memoryview) -> list[Extent] | None:
    head = bytes(file[:_MOST])
    if not _PCD_START.match(head):
        return None
    end = _end(_PCD_END, head, len(file))
    if end is None:
        return None
    if end[1] != b"binary":
        return []
    words = {line.split()[0]: line.split()[1:] for line in head[: end.start()].splitlines() if line.strip()}
    fields: list[ElementType | None] = []
    kinds, sizes = words.get(b"TYPE", []), words.get(b"SIZE", [])
    counts = words.get(b"COUNT", [b"1"] * len(kinds))
    for kind, size, count in zip(kinds, sizes, counts, strict=False):
        fields += [_PCD_TYPES.get((kind, size))] * min(_number(count), 100)
    extent = _records(end.end(), fields, words.get(b"POINTS", []))
    return [] if extent is None else [extent]


def _end(pattern: re.Pattern[bytes], head: bytes, available: int) -> re.Match[bytes] | None:
    """Of a header; None where it is too long."""
    if (end := pattern.search(head)) is None and available < _MOST:
        raise ShortInputError
    return end


def _records(at: int, fields: list[ElementType | None], count: list[bytes]) -> Extent | None:
    known = [field for field in fields if field is not None]
    element = record_type(known) if len(known) == len(fields) else None
    if element is None or not count:
        return None
    return Extent(at, record_size(known) * _number(count[0]), element)


def _number(digits: bytes) -> int:
    return int(digits) if digits.isdigit() and len(digits) < 19 else 0
