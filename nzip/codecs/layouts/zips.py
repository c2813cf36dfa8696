"""ZIP files with stored entries: PyTorch's .pt, .pth and .bin, and NumPy's .npz."""

from __future__ import annotations

from nzip.codecs.layouts import npy
from nzip.codecs.layouts.contract import ANY, ENDLESS, Extent
from nzip.format.cursor import ShortInputError

_HEAD = 30  # bytes of a local header, without name and extra field
_STORED = 0
_ALIGNMENT = 64  # of what PyTorch stores, in the file


def parse(file: memoryview) -> list[Extent] | None:
    """The first entry alone: at its end another one begins."""
    if bytes(file[:4]) != b"PK\x03\x04":
        return None
    if len(file) < _HEAD:
        raise ShortInputError
    method = int.from_bytes(file[8:10], "little")
    size = int.from_bytes(file[18:22], "little")
    start = _HEAD + int.from_bytes(file[26:28], "little") + int.from_bytes(file[28:30], "little")
    if method != _STORED:
        return None
    if bytes(file[_HEAD:start]).partition(b"/")[2].startswith(b"data.pkl"):
        return [Extent(_ALIGNMENT, ENDLESS, ANY)]  # all that follows is aligned alike
    numbers = npy.parse(file[start:])
    if numbers is not None:
        return [Extent(start + at, length, element) for at, length, element in numbers]
    return [Extent(start, size, ANY)] if size else None
