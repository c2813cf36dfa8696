"""Transforms of a block, and two of them: UTF-16 and repeats (docs/format/transforms.md)."""

from __future__ import annotations

from nzip.errors import NzipFormatError, NzipVersionError
from nzip.reference.block_header import BlockHeader
from nzip.reference.cursor import Cursor
from nzip.reference.unpack import revert_unpack

_UTF16, _REPEATS, _UNPACK = 1, 2, 3
_ORDER = [_REPEATS, _UTF16, _UNPACK]
_REFERENCE = 2
_MOST_ENTRIES = 2**16


def check_transforms(header: BlockHeader) -> None:
    """Refuses transforms that are not known or stand where they may not."""
    ids = [transform.id for transform in header.transforms]
    for id in ids:
        if id not in _ORDER:
            raise NzipVersionError(f"transform {id} is not known")
    if ids != [id for id in _ORDER if id in ids]:
        raise NzipVersionError("transforms are twice there or in another order")
    if ids and any(expert.kind == _REFERENCE for expert in header.experts):
        raise NzipFormatError("a block with a reference has transforms")


def revert(header: BlockHeader, data: bytes) -> bytes:
    """A block's plaintext from what its engine coded."""
    reverts = {_UTF16: _revert_utf16, _REPEATS: _revert_repeats, _UNPACK: revert_unpack}
    for transform in reversed(header.transforms):
        data = reverts[transform.id](data, transform.before)
        if len(data) != transform.before:
            raise NzipFormatError("a transform's data have not the size that the header says")
    return data


def _revert_utf16(data: bytes, _size: int) -> bytes:
    cursor = Cursor(data)
    pieces = [(cursor.varint(), cursor.varint()) for _ in range(cursor.count())]
    plain = []
    for kind, here in pieces:
        piece = cursor.take(here)
        if kind > 2:
            raise NzipFormatError(f"pieces of kind {kind} in UTF-16")
        if kind:
            try:
                text = piece.decode("utf-8", "surrogatepass")
            except UnicodeDecodeError:
                raise NzipFormatError("a piece of UTF-16 that is not UTF-8") from None
            piece = text.encode("utf-16-le" if kind == 1 else "utf-16-be", "surrogatepass")
        plain.append(piece)
    cursor.end()
    return b"".join(plain)


def _revert_repeats(data: bytes, size: int) -> bytes:
    cursor = Cursor(data)
    repeats = [
        (cursor.varint(), cursor.varint(least=1), cursor.varint(least=1)) for _ in range(cursor.count())
    ]
    if any(cursor.take(-cursor.at % 8)):
        raise NzipFormatError("a table of repeats is not filled up with zeros")
    plain = bytearray()
    for gap, repeat, period in repeats:
        plain += cursor.take(gap)
        if period > len(plain) or repeat > size - len(plain):
            raise NzipFormatError("a repeat of what is not there")
        unit = plain[-period:]
        plain += (unit * (repeat // period + 1))[:repeat]
    plain += cursor.rest()
    return bytes(plain)
