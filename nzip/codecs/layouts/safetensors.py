"""safetensors: a length, a JSON object that says where each tensor lies, the tensors."""

from __future__ import annotations

from nzip.codecs.layouts.contract import Extent
from nzip.format.cursor import ShortInputError
from nzip.format.registry import ElementType

_MOST = 1 << 25  # bytes of JSON
_TYPES = {
    "BOOL": ElementType.INT8,
    "U8": ElementType.INT8,
    "I8": ElementType.INT8,
    "F8_E4M3": ElementType.FLOAT8,
    "F8_E5M2": ElementType.FLOAT8,
    "I16": ElementType.INT16,
    "U16": ElementType.INT16,
    "F16": ElementType.FLOAT16,
    "BF16": ElementType.FLOAT16,
    "I32": ElementType.INT32,
    "U32": ElementType.INT32,
    "F32": ElementType.FLOAT32,
    "I64": ElementType.INT64,
    "U64": ElementType.INT64,
    "F64": ElementType.FLOAT64,
}


def parse(file: memoryview) -> list[Extent] | None:
    if len(file) < 10 or bytes(file[8:9]) != b"{":
        return None
    start = 8 + int.from_bytes(file[:8], "little")
    if start > _MOST:
        return None
    if len(file) < start:
        raise ShortInputError
    try:
        import json  # few files need it

        header = json.loads(bytes(file[8:start]))
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict):
        return None
    return [extent for name, entry in header.items() for extent in _extents(name, entry, start)]


def _extents(name: str, entry: object, start: int) -> list[Extent]:
    if not isinstance(entry, dict) or not isinstance(entry.get("dtype"), str):
        return []
    match entry.get("data_offsets"):
        case [int(first), int(end)] if 0 <= first < end and entry["dtype"] in _TYPES:
            return [Extent(start + first, end - first, _TYPES[entry["dtype"]], name)]
    return []
