"""What a GGUF file holds: keys with values, and where its tensors are.

Files may lie, so every length is compared with the file's before anything of that length is made.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from nzip.errors import NzipModelError
from nzip.format.versions import GGUF
from nzip.models.gguf import MAGIC

_MOST_ENTRIES = 1 << 20  # of keys, of tensors, of an array's elements
_MOST_STRING = 1 << 24  # bytes of a string that is of interest
_ALIGNMENT = 32
_NUMBERS = {0: "B", 1: "b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9

Value = int | float | bool | bytes | list["Value"]


@dataclass(frozen=True)
class TensorPlace:
    """A tensor's type, as ggml numbers it, its dimensions, the fastest first, and where its bytes begin."""

    type: int
    dimensions: tuple[int, ...]
    offset: int


@dataclass(frozen=True)
class GgufContent:
    keys: dict[str, Value]
    tensors: dict[str, TensorPlace]

    def integer(self, key: str, default: int | None = None) -> int:
        """A number that must be there unless there is a default; NzipModelError otherwise."""
        value = self.keys.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise NzipModelError(f"its {key} is missing")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        value = self.keys.get(key, default)
        if not isinstance(value, float):
            raise NzipModelError(f"its {key} is missing")
        return value

    def word(self, key: str, default: str = "") -> str:
        value = self.keys.get(key)
        return value.decode("ascii", "replace") if isinstance(value, bytes) else default

    def list(self, key: str) -> list[Value]:
        value = self.keys.get(key)
        if not isinstance(value, list):
            raise NzipModelError(f"its {key} is missing")
        return value


def read(file: memoryview) -> GgufContent:
    """The content of a file of version 2 or 3; NzipModelError when it is none or broken."""
    reader = _Reader(file)
    if reader.take(4) != MAGIC or not GGUF.has(reader.number(4)):
        raise NzipModelError(f"not a GGUF file of version {GGUF.oldest} or {GGUF.newest}")
    tensors, keys = reader.count(), reader.count()
    found: dict[str, Value] = {}
    for _ in range(keys):
        name = reader.name()
        found[name] = reader.value(reader.number(4))
    places = {}
    for _ in range(tensors):
        name = reader.name()
        size = reader.number(4)
        if size > 4:
            raise NzipModelError("a tensor has more than four dimensions")
        dimensions = tuple(reader.number(8) for _ in range(size))
        places[name] = TensorPlace(reader.number(4), dimensions, reader.number(8))
    alignment = found.get("general.alignment", _ALIGNMENT)
    if not isinstance(alignment, int) or not 1 <= alignment <= 1 << 20:
        raise NzipModelError("its alignment is out of range")
    start = -(-reader.position // alignment) * alignment
    return GgufContent(
        found, {name: TensorPlace(at.type, at.dimensions, start + at.offset) for name, at in places.items()}
    )


class _Reader:
    def __init__(self, file: memoryview) -> None:
        self._file, self.position = file, 0

    def take(self, size: int) -> bytes:
        if size > len(self._file) - self.position:
            raise NzipModelError("it ends inside its header")
        start = self.position
        self.position += size
        return bytes(self._file[start : self.position])

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def count(self) -> int:
        count = self.number(8)
        if count > _MOST_ENTRIES:
            raise NzipModelError(f"{count} entries are too many")
        return count

    def string(self) -> bytes:
        size = self.number(8)
        if size > _MOST_STRING:
            raise NzipModelError(f"a string of {size} bytes is too long")
        return self.take(size)

    def name(self) -> str:
        return self.string().decode("utf-8", "replace")

    def value(self, kind: int) -> Value:
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            inner, count = self.number(4), self.count()
            if inner == _STRING:
                return [self.string() for _ in range(count)]
            if inner in _NUMBERS:
                form = _NUMBERS[inner]
                packed = self.take(struct.calcsize(form) * count)
                return [each for (each,) in struct.iter_unpack(form, packed)]
        elif kind in _NUMBERS:
            form = _NUMBERS[kind]
            number: Value = struct.unpack(form, self.take(struct.calcsize(form)))[0]
            return number
        raise NzipModelError(f"values of kind {kind} are not known")
