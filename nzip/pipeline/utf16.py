"""UTF-16 text becomes UTF-8, which is what engines know text as."""

from __future__ import annotations

import codecs

from nzip import _native
from nzip.errors import NzipFormatError
from nzip.format.block import Transform
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_BLOCK, MAX_ENTRIES
from nzip.format.registry import TransformId

_AS_IS = 0  # a piece's kind
_ENCODINGS = {1: "utf-16-le", 2: "utf-16-be"}
_CHUNK = 1 << 16  # bytes that are a string at a time, which may take four times as many


def recode(
    plain: bytes | bytearray, stop: _native.Stop | None = None
) -> tuple[bytes | bytearray, tuple[Transform, ...]]:
    """The text as UTF-8 behind its table, and how it came to be; unchanged where there is none."""
    pieces = _native.find_utf16(plain, stop)
    if not any(kind for kind, _ in pieces) or len(pieces) > MAX_ENTRIES:
        return plain, ()
    table, at = encode_varint(len(pieces)), 0
    parts: list[memoryview | bytearray] = []
    for kind, size in pieces:
        piece = memoryview(plain)[at : at + size]
        part = piece if kind == _AS_IS else _recoded(piece, _ENCODINGS[kind], "utf-8", stop)
        table += encode_varint(kind) + encode_varint(len(part))
        parts.append(part)
        at += size
    text = b"".join([table, *parts])
    made = (Transform(TransformId.UTF16, len(plain), len(text)),)
    if len(text) > MAX_BLOCK or restore(text, len(plain), stop) != plain:
        return plain, ()
    return text, made


def restore(text: bytes, size: int, stop: _native.Stop | None = None) -> bytes:
    """The ``size`` bytes that were recoded; ValueError where the text is not what that makes."""
    cursor = Cursor(text)
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
        piece = memoryview(text)[at : at + after]
        if kind != _AS_IS and kind not in _ENCODINGS:
            raise ValueError(f"kind {kind} in its table of UTF-16")
        parts.append(piece if kind == _AS_IS else _recoded(piece, "utf-8", _ENCODINGS[kind], stop))
        at += after
    if at != len(text) or sum(map(len, parts)) != size:
        raise ValueError("its UTF-16 has another size")
    return b"".join(parts)


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
