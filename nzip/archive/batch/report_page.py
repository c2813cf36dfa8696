"""A job's report as a page of HTML that needs nothing else: no network, no script."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nzip.archive.batch.ledger_tables import DONE, FAILED, GONE, PENDING, SKIPPED
from nzip.archive.batch.report_numbers import Numbers
from nzip.archive.batch.report_sample import Point
from nzip.messages import excerpt, printable
from nzip.sizes import format_size

_STATES = {
    DONE: "archived",
    FAILED: "failed",
    SKIPPED: "left out: links and special files",
    GONE: "gone since they were found",
    PENDING: "to be done",
}


def page(numbers: Numbers, points: Sequence[Point], sampled: int) -> str:
    """The whole page; ``points`` are measured on ``sampled`` bytes of the job's files."""
    environment = Environment(
        loader=FileSystemLoader(os.path.dirname(__file__)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": _duration,
        "excerpt": excerpt,
        "number": "{:,}".format,
        "percent": _percent,
        "printable": printable,
        "seconds": _seconds,
        "size": format_size,
        "size_or_dash": lambda size: format_size(size) if size else "-",
        "speed": _speed,
        "time": lambda seconds: time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(seconds)),
    }
    return environment.get_template("report.html").render(
        numbers=numbers, points=points, sampled=sampled, states=_STATES, now=time.time()
    )


def _percent(ratio: float | None) -> str:
    return "-" if ratio is None else f"{100 * ratio:.1f} %"


def _speed(speed: float | None) -> str:
    """In decimal units, as speeds are given elsewhere.

    >>> _speed(1_234_567), _speed(99_600), _speed(18_600), _speed(None)
    ('1.2 MB/s', '0.1 MB/s', '19 KB/s', '-')
    """
    if speed is None:
        return "-"
    return f"{speed / 1e6:.2g} MB/s" if speed >= 99_500 else f"{speed / 1e3:.2g} KB/s"


def _duration(seconds: float) -> str:
    """A time for people.

    >>> _duration(0.4), _duration(75), _duration(7500), _duration(200_000)
    ('under 1 s', '1 min 15 s', '2 h 5 min', '2 d 7 h')
    """
    if seconds < 1:
        return "under 1 s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days:.0f} d {hours % 24:.0f} h"
    if hours:
        return f"{hours:.0f} h {minutes % 60:.0f} min"
    return f"{minutes:.0f} min {seconds % 60:.0f} s" if minutes else f"{seconds:.0f} s"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds:.2f} s" if seconds < 10 else _duration(seconds)
