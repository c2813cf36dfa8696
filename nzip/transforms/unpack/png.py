"""PNG pictures: the deflate stream of all their IDAT chunks, and its rows as the pixels that they show."""

from __future__ import annotations

from binascii import crc32
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from nzip import _native
from nzip.errors import NzipFormatError
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.registry import PackedFormatId, SegmentKind
from nzip.transforms.contract import Data, Hint, Part
from nzip.transforms.unpack.contract import Content, Opened, PackedFormat
from nzip.transforms.unpack.deflate import Deflate

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_IDAT = b"IDAT"
_FRAME = 12  # bytes of a chunk beside its data: size, type and CRC
_HEADER = 25  # bytes of the first chunk, IHDR
_MOST_BEFORE = 1 << 20  # bytes between the signature and the first IDAT
_ZLIB_HEADER = 2  # bytes
_MOST_ROW = (1 << 23) - 1  # bytes, of a layout of samples
_MOST_WRITTEN = 255  # sizes of chunks
_MOST_CHUNKS = 1 << 16  # of a picture, and
_MOST_OTHERS = 100  # before the first IDAT, or files of signatures would take hours
_MOST_RESIDUE = 4  # of these parts of a stream: pixels gain more than other contents do
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the type of the colours: grey, RGB, palette, with alpha


class Png(PackedFormat):
    """Contents are the filters of the rows and the pixels. The stream begins with the first IDAT chunk."""

    id = PackedFormatId.PNG
    count = 2
    signatures = (SIGNATURE,)

    def find(self, data: Data, stop: _native.Stop | None) -> Iterable[int]:
        at = data.find(SIGNATURE)
        while at >= 0:
            if stop is not None:
                stop.check()
            if (start := _first_idat(data, at)) is not None:
                yield start
            at = data.find(SIGNATURE, at + 1)

    def open(self, data: Data, start: int, most: int, stop: _native.Stop | None) -> Opened | None:
        picture = _Picture.read(data, data.rfind(SIGNATURE, max(0, start - _MOST_BEFORE), start))
        sizes = list(islice(_idat_sizes(data, start), _MOST_CHUNKS + 1))
        chunks = _encode_sizes(sizes) if 1 <= len(sizes) <= _MOST_CHUNKS else None
        if picture is None or chunks is None or sum(sizes) <= _ZLIB_HEADER:
            return None
        packed = b"".join(_chunk_data(data, start, sizes))
        opened = _native.open_deflate(packed, _ZLIB_HEADER, most, stop)
        if opened is None:
            return None
        size, content, residue = opened
        rows = _native.unfilter_png(content, picture.row, picture.pixel, stop)
        if _ZLIB_HEADER + size != len(packed) or rows is None or len(residue) * _MOST_RESIDUE > size:
            return None
        filters, pixels = rows
        head = packed[:_ZLIB_HEADER] + encode_varint(picture.pixel) + chunks
        parts = Part(filters, Hint(SegmentKind.BINARY)), Part(pixels, picture.hint)
        return Opened(sum(sizes) + _FRAME * len(sizes), parts, head + residue)

    def _close(self, contents: Sequence[Content], residue: bytes, stop: _native.Stop | None) -> bytes:
        cursor = Cursor(residue)
        try:
            header, pixel = cursor.take(_ZLIB_HEADER), cursor.varint()
            usual, written = cursor.varint(), [cursor.varint() for _ in range(cursor.byte())]
        except (ShortInputError, NzipFormatError):
            raise ValueError("the residue of a PNG picture is not whole") from None
        filters, pixels = contents
        rows = _native.filter_png(filters, pixels, pixel, stop)
        packed = header + _native.close_deflate(rows, residue[cursor.position :], stop)
        return b"".join(_chunks(packed, usual, written))

    def memory(self, size: int) -> int:
        return size + Deflate().memory(size)


class _Picture(NamedTuple):
    """What the header says."""

    row: int  # bytes, without the filter
    pixel: int  # bytes from one to the next, at least 1
    hint: Hint | None  # of the pixels

    @classmethod
    def read(cls, data: Data, at: int) -> _Picture | None:
        """None where there are no rows of that picture: it is none, or interlaced."""
        header = data[at + len(SIGNATURE) : at + len(SIGNATURE) + _HEADER]
        if at < 0 or len(header) < _HEADER or header[4:8] != b"IHDR":
            return None
        width, depth, colours, interlaced = (
            int.from_bytes(header[8:12], "big"),
            header[16],
            header[17],
            header[20],
        )
        if colours not in _CHANNELS or depth not in (1, 2, 4, 8, 16) or interlaced or width < 1:
            return None
        channels = _CHANNELS[colours]
        row = (width * channels * depth + 7) // 8
        return cls(row, max(1, channels * depth // 8), _hint(row, depth, channels))


def _hint(row: int, depth: int, channels: int) -> Hint | None:
    if row > _MOST_ROW:
        return None
    if depth == 1 and channels == 1:
        return Hint(SegmentKind.BILEVEL, row)
    if depth < 8:
        return Hint(SegmentKind.RECORDS, row)
    is_wide = depth == 16  # and then big-endian
    return Hint(SegmentKind.SAMPLES, (1 | 1 << 2 if is_wide else 0) | (channels - 1) << 5 | row << 9)


def _first_idat(data: Data, signature: int) -> int | None:
    """Where the first IDAT chunk begins."""
    at = signature + len(SIGNATURE)
    for _ in range(_MOST_OTHERS):
        if at + 8 > len(data) or at - signature >= _MOST_BEFORE:
            break
        if data[at + 4 : at + 8] == _IDAT:
            return at
        at += _FRAME + int.from_bytes(data[at : at + 4], "big")
    return None


def _idat_sizes(data: Data, at: int) -> Iterator[int]:
    """The bytes in the IDAT chunks from there on, as far as they are whole and right."""
    while data[at + 4 : at + 8] == _IDAT:
        size = int.from_bytes(data[at : at + 4], "big")
        end = at + 8 + size
        with memoryview(data) as view:
            crc = crc32(view[at + 4 : end])
        if data[end : end + 4] != crc.to_bytes(4, "big"):
            return
        yield size
        at = end + 4


def _chunk_data(data: Data, at: int, sizes: list[int]) -> Iterator[memoryview]:
    for size in sizes:
        yield memoryview(data)[at + 8 : at + 8 + size]
        at += _FRAME + size


def _encode_sizes(sizes: list[int]) -> bytes | None:
    """How a stream is cut into chunks: the size of those that are not listed, or 0 for a single one, and
    the sizes of the first that are.
    """
    *first, last = sizes
    usual = first[0] if first else 0
    if set(first) <= {usual} and (not first or 0 < last <= usual):
        return encode_varint(usual) + bytes([0])
    if len(first) > _MOST_WRITTEN:
        return None
    return encode_varint(0) + bytes([len(first)]) + b"".join(map(encode_varint, first))


def _chunks(packed: bytes, usual: int, written: list[int]) -> Iterator[bytes]:
    at = 0
    for size in written:
        yield _chunk(packed[at : at + size])
        at += size
    if at > len(packed):
        raise ValueError("the chunks of a PNG picture have another size")
    starts = range(at, len(packed), usual) if usual else [at]
    if len(written) + len(starts) > _MOST_CHUNKS:
        raise ValueError("a PNG picture of too many chunks")
    for start in starts:
        yield _chunk(packed[start : start + usual] if usual else packed[start:])


def _chunk(data: bytes) -> bytes:
    named = _IDAT + data
    return len(data).to_bytes(4, "big") + named + crc32(named).to_bytes(4, "big")
