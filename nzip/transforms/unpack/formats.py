"""The packed formats that there are. Where streams of several begin, the first that can opens it."""

from __future__ import annotations

from nzip.transforms.unpack.base64 import Base64
from nzip.transforms.unpack.bzip2 import Bzip2
from nzip.transforms.unpack.contract import PackedFormat
from nzip.transforms.unpack.deflate import Deflate
from nzip.transforms.unpack.gif import Gif
from nzip.transforms.unpack.jpeg import Jpeg
from nzip.transforms.unpack.png import Png

FORMATS: list[PackedFormat] = [Png(), Deflate(), Jpeg(), Gif(), Base64(), Bzip2()]


def format_of(number: int) -> PackedFormat:
    """ValueError where it is not known."""
    for each in FORMATS:
        if each.id == number:
            return each
    raise ValueError(f"packed format {number} is not known")


def holds_streams(head: bytes) -> bool:
    """Whether no end of a block should cut a file that begins so."""
    return any(head.startswith(each.signatures) for each in FORMATS)
