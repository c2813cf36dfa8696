"""Sizes as people write and read them: binary multiples, so that 64M is what the block sizes mean by it."""

from __future__ import annotations

import re

_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_SIZE = re.compile(r"(\d+)\s*([KMGT]?)(?:I?B)?", re.IGNORECASE)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%?")


def parse_size(text: str) -> int:
    """Bytes of a size such as ``4096``, ``512M``, ``2G`` or ``64 KiB``; ValueError for anything else.

    >>> parse_size("2G") == parse_size("2GiB") == 2 << 30
    True
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a size such as 64K, 512M or 2G")
    return int(match[1]) << _UNITS[match[2].upper()]


def parse_percent(text: str) -> float:
    """The number of a share such as ``5%`` or ``2.5``; ValueError for anything else.

    >>> parse_percent("5%"), parse_percent("2.5")
    (5.0, 2.5)
    """
    match = _PERCENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a share such as 5%")
    return float(match[1])


def is_size(text: str) -> bool:
    return _SIZE.fullmatch(text.strip()) is not None


def format_size(size: float) -> str:
    """A size for people, in three digits or so.

    >>> format_size(999), format_size(54179), format_size(3 << 30)
    ('999 B', '52.9 KiB', '3.00 GiB')
    """
    if size < 1000:
        return f"{size:.0f} B"
    for unit in ("KiB", "MiB", "GiB", "TiB"):  # noqa: B007 - the last unit serves everything larger
        size /= 1024
        if size < 1000:
            break
    digits = 2 if size < 10 else 1 if size < 100 else 0
    return f"{size:.{digits}f} {unit}"
