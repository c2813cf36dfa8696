"""Times as people write and read them."""

from __future__ import annotations

import re

_UNITS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}


def parse_duration(text: str) -> int:
    """Seconds of a time such as 90m, 2h or 1h30m; ValueError for anything else.

    >>> parse_duration("1h30m")
    5400
    """
    if not re.fullmatch(r"(\d+d)?(\d+h)?(\d+m)?(\d+s)?", text) or not text:
        raise ValueError(f"{text!r} is not a time such as 45s, 90m, 2h or 1h30m")
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([dhms])", text))


def format_duration(seconds: float) -> str:
    """A time for people, in two units.

    >>> format_duration(0.04), format_duration(59.7), format_duration(5400), format_duration(200_000)
    ('0.0 s', '1m 00s', '1h 30m', '2d 07h')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    large, small = next(pair for pair in ("dh", "hm", "ms") if whole >= _UNITS[pair[0]])
    return f"{whole // _UNITS[large]}{large} {whole % _UNITS[large] // _UNITS[small]:02}{small}"
