"""Deflate streams: RFC 1951, in ZIP and gzip files, and wherever zlib's header stands before them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nzip import _native
from nzip.format.registry import PackedFormatId
from nzip.transforms.contract import Data, Part
from nzip.transforms.unpack.contract import Content, Opened, PackedFormat

_LEAST = 48  # bytes of a stream: less does not pay for what is written of it
_TOKENS = 64 << 20  # bytes of what is made of a stream before it is written, and
_TOKENS_TIMES = 4  # at most so many times its content
_MOST_RESIDUE = 8  # of these parts of a stream: what models gain is more


class Deflate(PackedFormat):
    """A stream is its content, and where an imitation of its encoder is wrong."""

    id = PackedFormatId.DEFLATE
    count = 1
    signatures = (b"PK\3\4", b"\x1f\x8b\x08", b"%PDF-")

    def find(self, data: Data, stop: _native.Stop | None) -> Iterable[int]:
        return _native.find_deflate_streams(data, stop)

    def open(self, data: Data, start: int, most: int, stop: _native.Stop | None) -> Opened | None:
        opened = _native.open_deflate(data, start, most, stop)
        if opened is None:
            return None
        size, content, residue = opened
        if not _LEAST <= size < len(content) or len(residue) * _MOST_RESIDUE > size:
            return Opened(size, (), b"")
        return Opened(size, (Part(content),), residue)

    def _close(self, contents: Sequence[Content], residue: bytes, stop: _native.Stop | None) -> bytes:
        return _native.close_deflate(contents[0], residue, stop)

    def memory(self, size: int) -> int:
        return min(_TOKENS_TIMES * size, _TOKENS)
