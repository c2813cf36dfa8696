"""The packed formats that there are. Where streams of several begin, the first that can opens it."""

from __future__ import annotations

from nzip.transforms.unpack.contract import PackedFormat
from nzip.transforms.unpack.deflate import Deflate
from nzip.transforms.unpack.gif import Gif
from nzip.transforms.unpack.jpeg import Jpeg
from nzip.transforms.unpack.png import Png

FORMATS: list[PackedFormat] = [Png(), Deflate(), Jpeg(), Gif()]


def format_of(number: int) -> PackedFormat:
    """ValueError where it is not known."""
    for each in FORMATS:
        if each.id == number:
            return each
    raise ValueError(f"packed format {number} is not known")


def is_indivisible(head: bytes) -> bool:
    """Whether a file that begins so is opened as a whole or not at all."""
    return any(each.signature is not None and head.startswith(each.signature) for each in FORMATS)
