"""GIF as a packed format: a picture's data from its pixels (docs/format/transforms.md, GIF)."""

from __future__ import annotations

from nzip.errors import NzipFormatError
from nzip.reference.cursor import Cursor

_BEGINS_CLEAR, _ENDS, _ROOM_FOR_4095 = 16, 32, 64
_MOST_PIXELS = 2**24
_MOST_BITS_OF_A_RUN = 28


def pack_gif(residue: bytes, pixels: bytes) -> bytes:
    """The least, blocks, and the block of size 0."""
    cursor = Cursor(residue)
    habits = cursor.number(1)
    clears, blocks = _runs(cursor), _runs(cursor)
    surplus = cursor.rest()
    least = habits & 15
    if not 1 <= least <= 8 or habits >> 7 or len(pixels) > _MOST_PIXELS:
        raise NzipFormatError("a GIF picture that cannot be")
    codes = _codes(pixels, least, habits, clears) + surplus
    parts = [bytes([least])]
    at = 0
    for size in blocks:
        if not 1 <= size <= min(255, len(codes) - at):
            raise NzipFormatError(f"a block of {size} bytes in a GIF picture")
        parts += bytes([size]), codes[at : at + size]
        at += size
    for start in range(at, len(codes), 255):
        rest = codes[start : start + 255]
        parts += bytes([len(rest)]), rest
    return b"".join([*parts, b"\0"])


def _runs(cursor: Cursor) -> list[int]:
    numbers: list[int] = []
    most = 2**_MOST_BITS_OF_A_RUN - 1
    while count := cursor.varint(most):
        if len(numbers) + count > _MOST_PIXELS:
            raise NzipFormatError("too many numbers in the residue of a GIF picture")
        numbers += [cursor.varint(most)] * count
    return numbers


def _codes(pixels: bytes, least: int, habits: int, clears: list[int]) -> bytes:
    clear, end = 1 << least, (1 << least) + 1
    room = 4095 if habits & _ROOM_FOR_4095 else 4096
    held, bits, out = 0, 0, bytearray()
    table: dict[tuple[int, int], int] = {}
    waiting = iter(clears)
    due = next(waiting, None)
    since, width, entries = 0, least + 1, end + 1

    def put(code: int) -> None:
        nonlocal held, bits
        held |= code << bits
        bits += width
        while bits >= 8:
            out.append(held & 255)
            held >>= 8
            bits -= 8

    if habits & _BEGINS_CLEAR:
        put(clear)
    first = True
    at = 0
    while True:
        while due == since:
            if len(out) > 3 * len(pixels) + 16:
                raise NzipFormatError("a GIF picture of more codes than allowed")
            put(clear)
            table.clear()
            since, width, entries, first = 0, least + 1, end + 1, True
            due = next(waiting, None)
        if at == len(pixels):
            break
        code = pixels[at]
        if code >= clear:
            raise NzipFormatError("a pixel that has no code in its GIF picture")
        at += 1
        while at < len(pixels) and (code, pixels[at]) in table:
            code = table[code, pixels[at]]
            at += 1
        put(code)
        since += 1
        # The decoder's table lags one entry behind the encoder's.
        if not first and entries < room:
            entries += 1
        first = False
        if at < len(pixels) and end + 1 + len(table) < room:
            table[code, pixels[at]] = end + 1 + len(table)
        width = min(12, max(width, _bits_of(entries)))
    if due is not None:
        raise NzipFormatError("a clear code that is never due in a GIF picture")
    if habits & _ENDS:
        put(end)
    if bits:
        out.append(held & 255)
    return bytes(out)


def _bits_of(entries: int) -> int:
    return entries.bit_length()
