"""Stretches of one byte or of a short unit: engines code the first unit, and how long it is repeated."""

from __future__ import annotations

from nzip import _native
from nzip.errors import NzipFormatError
from nzip.format.block import Step
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_ENTRIES
from nzip.format.registry import TransformId
from nzip.transforms.contract import Data, Part, Plain, Transform

LEAST = 1 << 17  # bytes that repeat, in a block: fewer cost an engine little time, and hardly a byte
MOST = 64 << 20  # bytes that a block may grow to by its tail: whoever restores it has them in memory
_ALIGNMENT = 8  # of the table: UTF-16, numbers and machine code behind it stay where they are looked for

Stretches = list[tuple[int, int, int]]  # bytes between it and the one before, bytes, period


class Repeats(Transform[Stretches]):
    """What is between the repeats, behind a table of these."""

    id = TransformId.REPEATS
    changes_tables = True

    def find(self, plain: Plain, stop: _native.Stop | None) -> Stretches | None:
        repeats = _native.find_repeats(plain.data, stop)[: MAX_ENTRIES - 1]
        return repeats if sum(size for _, size, _ in repeats) + plain.tail.size >= LEAST else None

    def forward(self, plain: Plain, found: Stretches, stop: _native.Stop | None) -> list[Part]:
        between, end = bytearray(), 0
        for gap, size, _ in found:
            between += memoryview(plain.data)[end : end + gap]
            end += gap + size
        between += memoryview(plain.data)[end:]
        repeats, tail = list(found), plain.tail
        if tail.size:
            gap, size = len(plain.data) - end, tail.size
            if repeats and gap == 0 and repeats[-1][2] == tail.period:
                gap, size = repeats[-1][0], repeats.pop()[1] + size
            repeats.append((gap, size, tail.period))
        table = encode_varint(len(repeats)) + b"".join(
            encode_varint(number) for repeat in repeats for number in repeat
        )
        return [Part(table + bytes(-len(table) % _ALIGNMENT)), Part(between)]

    def inverse(self, data: Data, size: int, stop: _native.Stop | None) -> bytes:
        cursor = Cursor(data)
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
        return _native.restore_repeats(memoryview(data)[cursor.position :], repeats, size, stop)

    def max_size(self, size: int) -> int:
        return size  # an entry is shorter than what it stands for

    def memory(self, step: Step) -> int:
        return step.size_after


def left_out(steps: tuple[Step, ...]) -> int:
    """Bytes of a block that are not coded, for they repeat others."""
    if not steps or steps[0].id != TransformId.REPEATS:
        return 0
    return steps[0].size_before - steps[0].size_after


def last_period(data: bytearray) -> int:
    """The period in which a block may go on: it ends so for long, with whatever it begins. Else 0."""
    if len(data) < 2 * LEAST:
        return 0
    with memoryview(data) as view:
        return _native.find_period(view[-2 * LEAST :])
