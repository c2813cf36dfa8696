"""Stretches of one byte or of a short unit: engines code the first unit, and how long it is repeated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nzip import _native
from nzip.errors import NzipError, NzipFormatError
from nzip.format.block import Transform
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_ENTRIES
from nzip.format.registry import TransformId

LEAST = 1 << 17  # bytes that repeat, in a block: fewer cost an engine little time, and hardly a byte
MOST = 64 << 20  # bytes that a block may grow to by its tail: whoever restores it has them in memory
_ALIGNMENT = 8  # of the table: UTF-16, numbers and machine code behind it stay where they are looked for
_PIECE = 1 << 18  # bytes of a tail at a time, so that they come from the processor's cache


class Tail(NamedTuple):
    """What belongs to a block behind the bytes that are in memory, and repeats the last of these."""

    size: int
    period: int


NO_TAIL = Tail(0, 1)


def left_out(transforms: tuple[Transform, ...]) -> int:
    """Bytes of a block that are not coded, for they repeat others."""
    if not transforms or transforms[0].id != TransformId.REPEATS:
        return 0
    return transforms[0].size_before - transforms[0].size_after


def pieces(plain: bytes | bytearray, tail: Tail) -> Iterator[bytes | bytearray | memoryview]:
    """All of a block."""
    yield plain
    if tail.size:
        piece = bytes(plain[-tail.period :]) * (_PIECE // tail.period)
        for left in range(tail.size, 0, -len(piece)):
            yield memoryview(piece)[:left]


def last_period(plain: bytearray) -> int:
    """The period in which a block may go on: it ends so for long, with whatever it begins. Else 0."""
    if len(plain) < 2 * LEAST:
        return 0
    with memoryview(plain) as view:
        return _native.find_period(view[-2 * LEAST :])


def take_out(plain: bytes | bytearray, tail: Tail) -> tuple[bytes | bytearray, tuple[Transform, ...]]:
    """What is left of a block behind the table of what it repeats, and how it came to be.

    A block that repeats little is left as it is.
    """
    repeats = _native.find_repeats(plain)[: MAX_ENTRIES - 1]
    if sum(size for _, size, _ in repeats) + tail.size < LEAST:
        return plain, ()
    rest, end = bytearray(), 0
    for gap, size, _ in repeats:
        rest += memoryview(plain)[end : end + gap]
        end += gap + size
    rest += memoryview(plain)[end:]
    if _native.restore_repeats(rest, repeats, len(plain)) != plain:
        raise NzipError("what repeats is not restored: a defect of nzip or of the machine")
    if tail.size:
        gap, size = len(plain) - end, tail.size
        if repeats and gap == 0 and repeats[-1][2] == tail.period:
            gap, size = repeats[-1][0], repeats.pop()[1] + size
        repeats.append((gap, size, tail.period))
    table = encode_varint(len(repeats)) + b"".join(
        encode_varint(number) for repeat in repeats for number in repeat
    )
    text = table + bytes(-len(table) % _ALIGNMENT) + rest
    return text, (Transform(TransformId.REPEATS, len(plain) + tail.size, len(text)),)


def restore(text: bytes, size: int, _stop: _native.Stop | None = None) -> bytes:
    """The ``size`` bytes that this was left of; ValueError where it can be left of none."""
    cursor = Cursor(text)
    try:
        count = cursor.varint()
        if count > MAX_ENTRIES:
            raise ValueError(f"its table of repeats has {count} entries")
        repeats = [(cursor.varint(), cursor.varint(), cursor.varint()) for _ in range(count)]
        filling = cursor.take(-cursor.position % _ALIGNMENT)
    except (ShortInputError, NzipFormatError):
        raise ValueError("its table of repeats is not whole") from None
    if any(filling):
        raise ValueError("its table of repeats is not filled up with zeros")
    return _native.restore_repeats(memoryview(text)[cursor.position :], repeats, size)
