"""ZIP files with stored entries: PyTorch's .pt, .pth and .bin, and NumPy's .npz."""

from __future__ import annotations

import re

from nzip.codecs.layouts import npy
from nzip.codecs.layouts.contract import ANY, ENDLESS, Extent
from nzip.format.cursor import ShortInputError

_HEAD = 30  # bytes of a local header, without name and extra field
_STORED = 0
_ALIGNMENT = 64  # of what PyTorch stores, in the file
_TORCH_ENTRY = re.compile(rb"PK\x03\x04\0\0\x08\x08\0{14}\0{4}(..)(..)", re.DOTALL)


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
    name = bytes(file[_HEAD : _HEAD + int.from_bytes(file[26:28], "little")]).decode("utf-8", "replace")
    numbers = npy.parse(file[start:])
    if numbers is not None:
        return [each._replace(start=start + each.start, name=name) for each in numbers]
    return [Extent(start, size, ANY, name)] if size else None


def torch_entries(file: memoryview) -> list[tuple[int, Extent]]:
    """Where each tensor's header begins that a part of one of PyTorch's files holds, and what follows it.

    How long these are is told behind them: each ends where the next header begins.
    """
    found = []
    for header in _TORCH_ENTRY.finditer(file):
        name_size, extra = (int.from_bytes(header[group], "little") for group in (1, 2))
        name = bytes(file[header.end() : header.end() + name_size]).decode("utf-8", "replace")
        # The folder in the archive has the name of the file, which another version does not share.
        start = header.end() + name_size + extra
        found.append((header.start(), Extent(start, ENDLESS, ANY, name.partition("/")[2])))
    return found
