"""Base 64 as a packed format (docs/format/transforms.md, Base 64)."""

from __future__ import annotations

import base64

from nzip.errors import NzipFormatError
from nzip.reference.cursor import Cursor

_LINE_ENDS = {1: b"\n", 2: b"\r\n", 3: b"\\n"}


def pack_base64(residue: bytes, content: bytes) -> bytes:
    """The digits of a content, in lines as the residue says."""
    cursor = Cursor(residue)
    line, end = cursor.varint(), cursor.number(1)
    cursor.end()
    digits = base64.b64encode(content)
    if line == end == 0:
        return digits
    if line < 64 or line % 4 or end not in _LINE_ENDS:
        raise NzipFormatError(f"lines of {line} digits, ended by {end}")
    return _LINE_ENDS[end].join(digits[at : at + line] for at in range(0, len(digits), line))
