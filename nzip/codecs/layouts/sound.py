"""Sound without compression: WAV (RIFF) and AIFF."""

from __future__ import annotations

from nzip.codecs.layouts.contract import Extent
from nzip.format.cursor import ShortInputError
from nzip.format.registry import BIG_ENDIAN, ElementType

_CHUNK = 8  # bytes of a chunk's name and size
_MOST_CHUNKS = 100
_INTEGERS, _FLOATS, _EXTENSIBLE = 1, 3, 0xFFFE  # formats of WAV
_TYPES = {
    (_INTEGERS, 16): ElementType.INT16,
    (_INTEGERS, 32): ElementType.INT32,
    (_FLOATS, 32): ElementType.FLOAT32,
    (_FLOATS, 64): ElementType.FLOAT64,
}


def parse(file: memoryview) -> list[Extent] | None:
    kind = bytes(file[:4]), bytes(file[8:12])
    if kind == (b"RIFF", b"WAVE"):
        return _samples(file, b"fmt ", b"data", 0)
    if kind == (b"FORM", b"AIFF"):
        return _samples(file, b"COMM", b"SSND", BIG_ENDIAN)
    return None


def _samples(file: memoryview, described: bytes, samples: bytes, order: int) -> list[Extent]:
    def number(at: int, size: int) -> int:
        if at + size > len(file):
            raise ShortInputError
        return int.from_bytes(file[at : at + size], "big" if order else "little")

    at, sample = 12, (0, 0)
    for _ in range(_MOST_CHUNKS):
        size, name = number(at + 4, 4), bytes(file[at : at + 4])
        at += _CHUNK
        if name == described and order:
            sample = _INTEGERS, number(at + 6, 2)
        elif name == described:
            kind = number(at, 2)
            sample = number(at + 24, 2) if kind == _EXTENSIBLE else kind, number(at + 14, 2)
        elif name == samples:
            offset = _CHUNK + number(at, 4) if order else 0
            element = _TYPES.get(sample)
            return [] if element is None else [Extent(at + offset, size - offset, element + order)]
        at += size + size % 2
    return []
