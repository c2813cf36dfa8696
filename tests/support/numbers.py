"""Made-up arrays of numbers."""

from __future__ import annotations

import json
import random
import struct

from nzip import _native
from nzip.format.registry import BIG_ENDIAN, ElementType


def floats(letter: str, count: int, order: str, seed: int = 1) -> bytes:
    """Normally distributed, in rows of different scales; ``letter`` is that of ``struct``."""
    source = random.Random(seed)
    values = [source.gauss(0, 0.02 * (1 + index // 64 % 5)) for index in range(count)]
    return struct.pack(f"{'<>'[order == 'big']}{count}{letter}", *values)


def integers(width: int, count: int, order: str, seed: int = 1) -> bytes:
    """Each near to the one before it, below and above 0."""
    source, value = random.Random(seed), 0
    out = bytearray()
    for _ in range(count):
        value += source.randint(-40, 40)
        out += (value % (1 << 8 * width)).to_bytes(width, order)  # type: ignore[arg-type]
    return bytes(out)


def quantized(size: int, count: int, seed: int = 1) -> bytes:
    """Elements of so many bytes that are near to 128."""
    source = random.Random(seed)
    return bytes(min(255, max(0, round(source.gauss(128, 30)))) for _ in range(size * count))


def elements(kind: int) -> bytes:
    """Some thousand bytes of elements of a type of engine 2."""
    size = _native.element_size(kind)
    order = "big" if kind & BIG_ENDIAN else "little"
    letters = {ElementType.FLOAT16: "e", ElementType.FLOAT32: "f", ElementType.FLOAT64: "d"}
    if kind & 255 in letters:
        return floats(letters[ElementType(kind & 255)], 4000, order)
    if 0 < kind & 255 < 4:
        return integers(size, 3000, order)
    return quantized(size, 9000 // size + 40)


def npy(numbers: bytes, kind: str = "<f4", version: int = 1) -> bytes:
    """A file of one dimension, as NumPy writes it."""
    count = len(numbers) // int(kind[2:])
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({count},), }}".encode()
    size = 2 if version == 1 else 4
    header += b" " * (-(len(header) + 9 + size) % 64) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + len(header).to_bytes(size, "little") + header + numbers


def safetensors(tensors: dict[str, tuple[str, bytes]], **changes: object) -> bytes:
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, (kind, tensor) in tensors.items():
        header[name] = {
            "dtype": kind,
            "shape": [len(tensor)],
            "data_offsets": [len(data), len(data) + len(tensor)],
        } | changes
        data += tensor
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data
