"""FITS: cards of 80 letters in units of 2880 bytes, then an image; engine 1 knows those of integers."""

from __future__ import annotations

import re

from nzip.codecs.layouts.contract import Extent
from nzip.format.cursor import ShortInputError
from nzip.format.registry import BIG_ENDIAN, ElementType

_CARD, _UNIT = 80, 2880
_MOST_UNITS = 100
_BITS = {-32: ElementType.FLOAT32, -64: ElementType.FLOAT64}
_NUMBER = re.compile(rb"(BITPIX|NAXIS\d*) *= +(-?\d{1,18})[ /]")


def parse(file: memoryview) -> list[Extent] | None:
    """The first image, or an extension: another one begins where it ends."""
    if bytes(file[:9]) not in (b"SIMPLE  =", b"XTENSION="):
        return None
    numbers: dict[bytes, int] = {}
    for at in range(0, _MOST_UNITS * _UNIT, _CARD):
        if at + _CARD > len(file):
            raise ShortInputError
        card = bytes(file[at : at + _CARD])
        if found := _NUMBER.match(card):
            numbers[found[1]] = int(found[2])
        elif card.startswith(b"END  "):
            return _image(numbers, -(-(at + _CARD) // _UNIT) * _UNIT)
    return []


def _image(numbers: dict[bytes, int], start: int) -> list[Extent]:
    bits = numbers.get(b"BITPIX", 8)
    size = abs(bits) // 8 if numbers.get(b"NAXIS", 0) > 0 else 0
    for name, count in numbers.items():
        if name != b"NAXIS" and name != b"BITPIX":
            size *= max(0, count)
    # What fills the last unit up belongs to the image, so that its end is where the next header begins.
    size = -(-size // _UNIT) * _UNIT
    return [Extent(start, size, _BITS.get(bits, ElementType.INT8) + (BIG_ENDIAN if bits in _BITS else 0))]
