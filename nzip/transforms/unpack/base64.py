"""Files in base 64: in mail, in HTML, SVG, JSON and notebooks."""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Sequence

from nzip import _native
from nzip.errors import NzipFormatError
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.registry import PackedFormatId
from nzip.transforms.contract import Data, Part
from nzip.transforms.unpack.contract import Content, Opened, PackedFormat

# What files begin with that are opened themselves: JPEG, PNG, GIF, ZIP, PDF, gzip. Of others the digits are
# as good as the bytes.
_BEGINS = b"/9j/", b"iVBORw0KGgo", b"R0lGODlh", b"R0lGODdh", b"UEsDB", b"JVBERi0", b"H4sI"
_LEAST = 64  # digits of a stream, and of a line of several
_DIGITS = re.compile(rb"[A-Za-z0-9+/]*")
_DIGITS_AND_ENDS = re.compile(rb"[A-Za-z0-9+/\r\n\\]*")
_ENDS = b"\n", b"\r\n", b"\\n"  # of lines; the last one is how JSON writes the first


class Base64(PackedFormat):
    """The content is the bytes, and the residue how the digits are divided into lines."""

    id = PackedFormatId.BASE64
    count = 1

    def find(self, data: Data, stop: _native.Stop | None) -> Iterable[int]:
        found = [at for begin in _BEGINS for at in _places(data, begin, stop)]
        return sorted(found)

    def open(self, data: Data, start: int, most: int, stop: _native.Stop | None) -> Opened | None:
        run = _matched(_DIGITS_AND_ENDS, data, start, 2 * most + _LEAST)
        line = len(_matched(_DIGITS, run, 0, len(run)))
        if line < _LEAST:
            return None
        kind = next((kind for kind, end in enumerate(_ENDS, 1) if run.startswith(end, line)), 0)
        if kind and line % 4:
            return None
        digits = _in_lines(run, line, _ENDS[kind - 1]) if kind else run[:line]
        end = start + _size(len(digits), line, kind)
        padding = b"=" * (-len(digits) % 4)
        if data[end : end + len(padding)] == padding:
            digits += padding
        try:
            content = a2b_base64(digits[: len(digits) // 4 * 4])
        except ValueError:
            return None
        residue = encode_varint(line if kind else 0) + bytes([kind])
        packed = self.close([content], residue, stop)
        if len(content) > most or not content or data[start : start + len(packed)] != packed:
            return None
        return Opened(len(packed), (Part(content),), residue)

    def _close(
        self, contents: Sequence[Content], residue: bytes, stop: _native.Stop | None
    ) -> bytes | bytearray:
        cursor = Cursor(residue)
        try:
            line, kind = cursor.varint(), cursor.byte()
        except (ShortInputError, NzipFormatError):
            raise ValueError("the residue of a stream in base 64 is not whole") from None
        is_whole = cursor.position == len(residue) and kind <= len(_ENDS)
        if not is_whole or (line < _LEAST or line % 4 if kind else line > 0):
            raise ValueError("a stream in base 64 that there is not")
        if not kind:
            return b2a_base64(contents[0], newline=False)
        lines, size = bytearray(), line // 4 * 3
        for at in range(0, len(contents[0]), size):
            if at:
                lines += _ENDS[kind - 1]
            lines += b2a_base64(contents[0][at : at + size], newline=False)
        return lines

    def memory(self, size: int) -> int:
        return size // 4  # that a growing array may have too many


def _places(data: Data, begin: bytes, stop: _native.Stop | None) -> Iterator[int]:
    at = data.find(begin)
    while at >= 0:
        if stop is not None:
            stop.check()
        yield at
        at = data.find(begin, at + 1)


def _matched(pattern: re.Pattern[bytes], data: Data, start: int, most: int) -> bytes:
    match = pattern.match(data, start, start + most)
    return bytes(match.group()) if match else b""


def _in_lines(run: bytes, line: int, end: bytes) -> bytes:
    """The digits of all lines that are as long as the first one, and of the one behind these."""
    lines = run.split(end)
    full = next((number for number, each in enumerate(lines) if len(each) != line), len(lines))
    digits = b"".join(lines[:full])
    if full < len(lines):
        digits += _matched(_DIGITS, lines[full][:line], 0, line)
    return digits if _DIGITS.fullmatch(digits) else b""


def _size(digits: int, line: int, kind: int) -> int:
    """Bytes that so many digits take, ends of lines between them included."""
    return digits + (digits - 1) // line * len(_ENDS[kind - 1]) if kind and digits else digits
