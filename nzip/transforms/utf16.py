"""UTF-16 text becomes UTF-8, which is what engines know text as."""

from __future__ import annotations

import codecs

from nzip import _native
from nzip.errors import NzipFormatError
from nzip.format.block import Step
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_ENTRIES
from nzip.format.registry import TransformId
from nzip.transforms.contract import Data, Part, Plain, Transform

_AS_IS = 0  # a piece's kind
_ENCODINGS = {1: "utf-16-le", 2: "utf-16-be"}
_CHUNK = 1 << 16  # bytes that are a string at a time, which may take four times as many

Pieces = list[tuple[int, int]]  # of the plaintext: kind, bytes


class Utf16(Transform[Pieces]):
    """Text in UTF-8 and what is between as it is, behind a table of the pieces: kind, bytes after it."""

    id = TransformId.UTF16

    def find(self, plain: Plain, stop: _native.Stop | None) -> Pieces | None:
        if plain.tail.size:
            return None
        pieces = _native.find_utf16(plain.data, stop)
        return pieces if any(kind for kind, _ in pieces) and len(pieces) <= MAX_ENTRIES else None

    def forward(self, plain: Plain, found: Pieces, stop: _native.Stop | None) -> list[Part]:
        table, at = encode_varint(len(found)), 0
        parts: list[Part] = []
        for kind, size in found:
            piece = memoryview(plain.data)[at : at + size]
            part = Part(piece if kind == _AS_IS else _recoded(piece, _ENCODINGS[kind], "utf-8", stop))
            table += encode_varint(kind) + encode_varint(len(part.data))
            parts.append(part)
            at += size
        return [Part(table), *parts]

    def inverse(self, data: Data, size: int, stop: _native.Stop | None) -> bytes:
        cursor = Cursor(data)
        try:
            count = cursor.varint()
            if count > MAX_ENTRIES:
                raise ValueError(f"its table of UTF-16 has {count} pieces")
            pieces = [(cursor.varint(), cursor.varint()) for _ in range(count)]
        except (ShortInputError, NzipFormatError):
            raise ValueError("its table of UTF-16 is not whole") from None
        at = cursor.position
        parts: list[memoryview | bytearray] = []
        for kind, after in pieces:
            piece = memoryview(data)[at : at + after]
            if kind != _AS_IS and kind not in _ENCODINGS:
                raise ValueError(f"kind {kind} in its table of UTF-16")
            parts.append(piece if kind == _AS_IS else _recoded(piece, "utf-8", _ENCODINGS[kind], stop))
            at += after
        if at != len(data) or sum(map(len, parts)) != size:
            raise ValueError("its UTF-16 has another size")
        return b"".join(parts)

    def max_size(self, size: int) -> int:
        return size * 3 // 2 + 64  # UTF-8 has three bytes where UTF-16 has two

    def memory(self, step: Step) -> int:
        return 3 * step.size_after  # the data, and the pieces, of at most twice as many bytes


def _recoded(data: memoryview, source: str, target: str, stop: _native.Stop | None) -> bytearray:
    """The same characters in another encoding. A surrogate without its other half is a character, too."""
    decoder = codecs.getincrementaldecoder(source)("surrogatepass")
    out = bytearray()
    for at in range(0, len(data), _CHUNK):
        if stop is not None:
            stop.check()
        part = data[at : at + _CHUNK]
        out += decoder.decode(part, at + _CHUNK >= len(data)).encode(target, "surrogatepass")
    return out
