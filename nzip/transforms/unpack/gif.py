"""Pictures in GIF files: their LZW codes as the pixels that they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from nzip import _native
from nzip.format.registry import PackedFormatId, SegmentKind
from nzip.transforms.contract import Data, Hint, Part
from nzip.transforms.unpack.contract import Content, Opened, PackedFormat

SIGNATURES = b"GIF87a", b"GIF89a"
_HEADER = 13  # bytes, with the signature
_DESCRIPTOR = 10  # bytes
_IMAGE, _EXTENSION = 0x2C, 0x21  # what a descriptor and an extension begin with
_HAS_COLOURS = 0x80
_MOST = 1 << 24  # pixels of a picture, whose codes take several bytes of memory each
_LEAST = 64  # bytes of a stream: less does not pay for what is written of it
_MOST_RESIDUE = 8  # of these parts of a stream: what models gain is more


class Gif(PackedFormat):
    """The content is the pixels of a picture. The stream begins with the size of a pixel."""

    id = PackedFormatId.GIF
    count = 1
    signatures = SIGNATURES

    def find(self, data: Data, stop: _native.Stop | None) -> Iterable[int]:
        end = 0
        for start in _signatures(data):
            if start >= end:
                for end in _pictures(data, start):
                    yield end

    def open(self, data: Data, start: int, most: int, stop: _native.Stop | None) -> Opened | None:
        opened = _native.open_gif(data, start, min(most, _MOST), stop)
        if opened is None:
            return None
        size, pixels, residue = opened
        if size < _LEAST or len(residue) * _MOST_RESIDUE > size:
            return None
        return Opened(size, (Part(pixels, _hint(data, start)),), residue)

    def _close(self, contents: Sequence[Content], residue: bytes, stop: _native.Stop | None) -> bytes:
        if len(contents[0]) > _MOST:
            raise ValueError("a GIF picture of too many pixels")
        return _native.close_gif(contents[0], residue, stop)

    def memory(self, size: int) -> int:
        return 8 * min(size, _MOST) + (1 << 20)


def _signatures(data: Data) -> Iterator[int]:
    at = data.find(b"GIF8")
    while at >= 0:
        if data[at : at + 6] in SIGNATURES:
            yield at
        at = data.find(b"GIF8", at + 1)


def _pictures(data: Data, start: int) -> Iterator[int]:
    """Where the data of each picture begin, as far as the file goes on."""
    at = start + _HEADER + _colours(data, start + 10)
    while at + _DESCRIPTOR < len(data):
        if data[at] == _IMAGE:
            at += _DESCRIPTOR + _colours(data, at + 9)
            yield at
            at += 1
        elif data[at] == _EXTENSION:
            at += 2
        else:
            return
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1


def _colours(data: Data, flags_at: int) -> int:
    """Bytes of the table of colours that the flags tell of."""
    flags = data[flags_at] if flags_at < len(data) else 0
    return 3 << (flags & 7) + 1 if flags & _HAS_COLOURS else 0


def _hint(data: Data, start: int) -> Hint | None:
    """A picture of as many columns as the descriptor before says; it may be behind a table of colours."""
    for colours in 0, *(3 << size for size in range(1, 9)):
        at = start - _DESCRIPTOR - colours
        if at >= 0 and data[at] == _IMAGE and _colours(data, at + 9) == colours:
            width = int.from_bytes(data[at + 5 : at + 7], "little")
            return Hint(SegmentKind.SAMPLES, width << 9) if width else None
    return None
