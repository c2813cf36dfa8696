"""What engines code in place of the plaintext."""

from __future__ import annotations

from nzip import _native
from nzip.format.block import Transform
from nzip.format.registry import TransformId
from nzip.pipeline import repeats, utf16
from nzip.pipeline.repeats import NO_TAIL, Tail

_RESTORE = {TransformId.UTF16: utf16.restore, TransformId.REPEATS: repeats.restore}


def most_text(size: int) -> int:
    """What a block of so many bytes may become: UTF-8 has three bytes where UTF-16 has two."""
    return size * 3 // 2 + 64


def transform(
    plain: bytes | bytearray, tail: Tail = NO_TAIL, stop: _native.Stop | None = None
) -> tuple[bytes | bytearray, tuple[Transform, ...]]:
    """What an engine codes for a block with such a tail, and how it came to be."""
    rest, taken_out = repeats.take_out(plain, tail)
    text, recoded = utf16.recode(rest, stop)
    return text, taken_out + recoded


def restore(text: bytes, transforms: tuple[Transform, ...], stop: _native.Stop | None = None) -> bytes:
    """The plaintext; ValueError where the text is not what such transforms make."""
    for number, size, _ in reversed(transforms):
        text = _RESTORE[TransformId(number)](text, size, stop)
    return text
