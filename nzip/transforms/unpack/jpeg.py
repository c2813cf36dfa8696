"""JPEG files: alone, in documents and archives that store them, and one behind the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nzip import _native
from nzip.format.registry import PackedFormatId, SegmentKind
from nzip.transforms.contract import Data, Hint, Part
from nzip.transforms.unpack.contract import Content, Opened, PackedFormat

_SIGNATURE = b"\xff\xd8\xff"  # the first marker, and the begin of the next
_LEAST_GAIN = 31 / 32  # of its bytes a file may become as many: more does not pay for the time

# What a picture may take in memory, as the native code bounds it.
_BLOCKS = 8192  # of coefficients, for a file of any size,
_MOST_BLOCKS = 1 << 20  # and of the largest
_BYTES_PER_BLOCK = 134
_STATISTICS = 8 << 20  # bytes; with what is known of two rows of blocks


class Jpeg(PackedFormat):
    """A file is its headers, and its coefficients coded by a model of their own."""

    id = PackedFormatId.JPEG
    count = 2
    signatures = (_SIGNATURE,)

    def find(self, data: Data, stop: _native.Stop | None) -> Iterable[int]:
        return _native.find_jpeg_files(data, stop)

    def open(self, data: Data, start: int, most: int, stop: _native.Stop | None) -> Opened | None:
        opened = _native.open_jpeg(data, start, stop)
        if opened is None:
            return None
        size, header, coded = opened
        if len(header) + len(coded) > min(most, _LEAST_GAIN * size):
            return None
        return Opened(size, (Part(header), Part(coded, Hint(SegmentKind.PACKED))), b"")

    def _close(self, contents: Sequence[Content], residue: bytes, stop: _native.Stop | None) -> bytes:
        if residue:
            raise ValueError(f"a JPEG file with {len(residue)} bytes of residue")
        header, coded = contents
        return _native.close_jpeg(header, coded, stop)

    def memory(self, size: int) -> int:
        blocks = min(_BLOCKS + 2 * size, _MOST_BLOCKS)
        return _BYTES_PER_BLOCK * blocks + _STATISTICS
