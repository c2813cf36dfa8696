"""PNG as a packed format: IDAT chunks from filters and rows (docs/format/transforms.md, PNG)."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.errors import NzipFormatError
from nzip.reference.cursor import Cursor
from nzip.reference.deflate import pack_deflate

_MOST_CHUNKS = 2**16


def pack_png(residue: bytes, filters: bytes, rows: bytes) -> bytes:
    """The IDAT chunks of a picture."""
    cursor = Cursor(residue)
    header = cursor.take(2)
    pixel = cursor.varint(least=1)
    usual = cursor.varint()
    written = [cursor.varint() for _ in range(cursor.number(1))]
    if not filters or len(rows) % len(filters) or max(filters) > 4:
        raise NzipFormatError("the rows of a PNG picture do not fit")
    content = _filtered(
        np.frombuffer(filters, np.uint8), np.frombuffer(rows, np.uint8).reshape(len(filters), -1), pixel
    ).tobytes()
    data = header + pack_deflate(cursor.rest(), content)
    sizes = _sizes(len(data), usual, written)
    chunks = []
    at = 0
    for size in sizes:
        named = b"IDAT" + data[at : at + size]
        at += size
        chunks.append(size.to_bytes(4, "big") + named + zlib.crc32(named).to_bytes(4, "big"))
    return b"".join(chunks)


def _sizes(total: int, usual: int, written: list[int]) -> list[int]:
    sizes = list(written)
    left = total - sum(written)
    if left < 0:
        raise NzipFormatError("the chunks of a PNG picture do not fit")
    usual = usual or left
    while left:
        sizes.append(min(usual, left))
        left -= sizes[-1]
        if len(sizes) > _MOST_CHUNKS:
            raise NzipFormatError("a PNG picture of more than 2^16 chunks")
    return sizes


@njit(cache=True)
def _filtered(
    filters: npt.NDArray[np.uint8], rows: npt.NDArray[np.uint8], pixel: int
) -> npt.NDArray[np.uint8]:
    n, width = rows.shape
    out = np.zeros((n, width + 1), np.uint8)
    for y in range(n):
        kind = filters[y]
        out[y, 0] = kind
        for x in range(width):
            left = int(rows[y, x - pixel]) if x >= pixel else 0
            up = int(rows[y - 1, x]) if y > 0 else 0
            corner = int(rows[y - 1, x - pixel]) if y > 0 and x >= pixel else 0
            guess = 0
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = up
            elif kind == 3:
                guess = (left + up) // 2
            elif kind == 4:
                a = abs(up - corner)
                b = abs(left - corner)
                c = abs(left + up - 2 * corner)
                guess = left if a <= b and a <= c else (up if b <= c else corner)
            out[y, x + 1] = (int(rows[y, x]) - guess) & 255
    return out
