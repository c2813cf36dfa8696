"""bzip2 streams: files, and what archives hold of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nzip import _native
from nzip.format.registry import PackedFormatId
from nzip.transforms.contract import Data, Part
from nzip.transforms.unpack.contract import Content, Opened, PackedFormat

_STREAM = re.compile(rb"BZh[1-9]1AY&SY")  # the first bytes of a stream that has a block
_LEAST = 64  # bytes of a stream: less does not pay for what is written of it
_FAILED = 4 << 20  # bytes that a stream of another encoder counts for: a whole block was read and written

# Bytes of memory for each byte of a block: places of its rotations, and what they are sorted by.
_BYTES_PER_BYTE = 32
_MOST_BLOCK = 900_000


class Bzip2(PackedFormat):
    """A stream is its content, and the size of its blocks."""

    id = PackedFormatId.BZIP2
    count = 1
    signatures = tuple(b"BZh%d" % level for level in range(1, 10))

    def find(self, data: Data, stop: _native.Stop | None) -> Iterable[int]:
        return (match.start() for match in _STREAM.finditer(data))

    def open(self, data: Data, start: int, most: int, stop: _native.Stop | None) -> Opened | None:
        opened = _native.open_bzip2(data, start, most, stop)
        if opened is None:
            return Opened(_FAILED, (), b"")
        size, content, residue = opened
        return Opened(size, (Part(content),), residue) if size >= _LEAST else None

    def _close(self, contents: Sequence[Content], residue: bytes, stop: _native.Stop | None) -> bytes:
        return _native.close_bzip2(contents[0], residue, stop)

    def memory(self, size: int) -> int:
        return _BYTES_PER_BYTE * min(size, _MOST_BLOCK) + size + size // 32  # and the stream of noise
