"""GGUF: keys with values, a table of tensors, the tensors, as ggml specifies it."""

from __future__ import annotations

import math

from nzip.codecs.layouts.contract import Extent
from nzip.format.cursor import ShortInputError
from nzip.format.registry import QUANTIZED, ElementType

_STRING, _ARRAY = 8, 9
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # of values, by type
_MOST_ENTRIES = 1 << 20
_ALIGNMENT = 32

# By tensor type: the elements' type, numbers in an element, bytes of an element.
_TYPES = {
    0: (ElementType.FLOAT32, 1, 4),
    1: (ElementType.FLOAT16, 1, 2),
    30: (ElementType.FLOAT16, 1, 2),
    28: (ElementType.FLOAT64, 1, 8),
    24: (ElementType.INT8, 1, 1),
    25: (ElementType.INT16, 1, 2),
    26: (ElementType.INT32, 1, 4),
    27: (ElementType.INT64, 1, 8),
    2: (QUANTIZED + 2, 32, 18),
    3: (QUANTIZED + 3, 32, 20),
    6: (QUANTIZED + 6, 32, 22),
    7: (QUANTIZED + 7, 32, 24),
    8: (QUANTIZED + 8, 32, 34),
    10: (QUANTIZED + 10, 256, 84),
    11: (QUANTIZED + 11, 256, 110),
    12: (QUANTIZED + 12, 256, 144),
    13: (QUANTIZED + 13, 256, 176),
    14: (QUANTIZED + 14, 256, 210),
}


def parse(file: memoryview) -> list[Extent] | None:
    if bytes(file[:4]) != b"GGUF" or (len(file) >= 8 and file[4] not in (2, 3)):
        return None
    reader = _Reader(file, 8)
    tensors, keys = reader.number(8), reader.number(8)
    if max(tensors, keys) > _MOST_ENTRIES:
        return None
    alignment = _ALIGNMENT
    for _ in range(keys):
        name, kind = reader.string(), reader.number(4)
        value = reader.value(kind)
        if name == b"general.alignment" and isinstance(value, int):
            alignment = value
    found = []
    for _ in range(tensors):
        name = reader.string()
        dimensions = [reader.number(8) for _ in range(min(8, reader.number(4)))]
        kind, offset = reader.number(4), reader.number(8)
        if kind in _TYPES:
            element, numbers, size = _TYPES[kind]
            bytes_of_it = math.prod(dimensions) // numbers * size
            found.append(Extent(offset, bytes_of_it, element, name.decode("utf-8", "replace")))
    if not 1 <= alignment <= 1 << 20:
        return None
    start = -(-reader.position // alignment) * alignment
    return [extent._replace(start=start + extent.start) for extent in found]


class _Reader:
    def __init__(self, file: memoryview, position: int) -> None:
        self._file, self.position = file, position

    def skip(self, size: int) -> None:
        if size > len(self._file) - self.position:
            raise ShortInputError
        self.position += size

    def number(self, size: int) -> int:
        start = self.position
        self.skip(size)
        return int.from_bytes(self._file[start : self.position], "little")

    def string(self) -> bytes:
        size, start = self.number(8), self.position
        self.skip(size)
        return bytes(self._file[start : self.position])

    def value(self, kind: int) -> int | None:
        """Only whole numbers are of interest."""
        if kind == _STRING:
            self.skip(self.number(8))
        elif kind == _ARRAY:
            inner, count = self.number(4), self.number(8)
            if inner == _STRING:
                for _ in range(min(count, len(self._file))):
                    self.skip(self.number(8))
            else:
                self.skip(_SIZES.get(inner, len(self._file)) * count)
        else:
            return self.number(_SIZES.get(kind, len(self._file)))
        return None
