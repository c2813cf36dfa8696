"""A job's report as a page of HTML that needs nothing else: no network, no script."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from html import escape

from nzip.archive.batch.ledger_reader import Count
from nzip.archive.batch.ledger_tables import DONE, FAILED, GONE, PENDING, SKIPPED
from nzip.archive.batch.report_numbers import FileRow, Numbers, Share
from nzip.archive.batch.report_sample import Point
from nzip.messages import excerpt, printable
from nzip.sizes import format_size

_STYLE = os.path.join(os.path.dirname(__file__), "report.css")
_STATES = {
    DONE: "archived",
    FAILED: "failed",
    SKIPPED: "left out: links and special files",
    GONE: "gone since they were found",
    PENDING: "to be done",
}


def page(numbers: Numbers, points: Sequence[Point], sampled: int) -> str:
    """The whole page; ``points`` are measured on so many bytes of the job's files."""
    with open(_STYLE, encoding="ascii") as file:
        style = file.read()
    parts = [_head(numbers), _cards(numbers), _states(numbers.counts)]
    parts += [_reasons(f"Files that {_STATES[FAILED]}", numbers, FAILED)]
    parts += [_shares("By type", numbers.types)]
    if len(numbers.settings) > 1:
        parts.append(_shares("By setting", numbers.settings))
    parts.append(_levels(points, sampled))
    lists = _files("Largest files", numbers.largest) + _files("Files that shrank least", numbers.worst)
    parts.append(f'<div class="columns">{lists}</div>' if lists else "")
    parts += [_reasons(_STATES[state].capitalize(), numbers, state) for state in (SKIPPED, GONE)]
    title = f"nzip batch: {_text(numbers.place.target)}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(filter(None, parts))
        + "\n</main>\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    return escape(printable(text))


def _count(number: int) -> str:
    return f"{number:,}"


def _size(size: int) -> str:
    return format_size(size) if size else "-"


def _percent(ratio: float | None) -> str:
    return "-" if ratio is None else f"{100 * ratio:.1f} %"


def _speed(speed: float | None) -> str:
    """In decimal units, as speeds are given elsewhere.

    >>> _speed(1_234_567), _speed(18_600), _speed(None)
    ('1.2 MB/s', '19 KB/s', '-')
    """
    if speed is None:
        return "-"
    return f"{speed / 1e6:.2g} MB/s" if speed >= 1e5 else f"{speed / 1e3:.2g} KB/s"


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


def _head(numbers: Numbers) -> str:
    place = numbers.place
    runs = f"{numbers.runs} run{'s' if numbers.runs != 1 else ''}"
    lines = [f"As of {_time(time.time())}, after {runs}"]
    if numbers.worked_at is not None:
        lines.append(f"the last file was done at {_time(numbers.worked_at)}")
    if not numbers.is_entered:
        lines.append("the last run has not found all files yet, or was stopped before")
    return (
        f"<h1>Batch job {_state(numbers)}</h1>"
        f'<p class="soft path">{_text(place.source)} to {_text(place.target)}</p>'
        f'<p class="soft">{"; ".join(lines)}</p>'
    )


def _state(numbers: Numbers) -> str:
    counts = numbers.counts
    if counts[PENDING].files or not numbers.is_entered:
        return "not complete"
    failed = counts[FAILED].files
    return f"ended, {_count(failed)} file{'s' if failed != 1 else ''} not archived" if failed else "complete"


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(seconds))


def _cards(numbers: Numbers) -> str:
    done, counts = numbers.counts[DONE], numbers.counts
    cards = [
        _card(_count(done.files), f"of {_count(sum(c.files for c in counts.values()))} files archived"),
        _card(format_size(done.size), "original"),
        _card(
            format_size(done.coded),
            f"in {_count(numbers.archives)} archives" if numbers.archives else "archives",
        ),
        _card(_percent(numbers.total.ratio), "of the original size"),
        _card(_speed(numbers.total.speed), "on one thread, verification included"),
        _card(_count(counts[FAILED].files), "failed", "bad" if counts[FAILED].files else ""),
    ]
    if (left := counts[PENDING]).files:
        cards.append(_card(_count(left.files), f"to be done, {format_size(left.size)}"))
    if estimate := numbers.estimate:
        cards.append(_card(_duration(estimate.seconds), "to go, at the pace so far"))
        cards.append(_card(format_size(done.coded + estimate.coded), "archives in the end"))
    return f'<div class="cards">{"".join(cards)}</div>'


def _card(value: str, label: str, kind: str = "") -> str:
    return f'<div class="card {kind}"><b>{value}</b><span>{label}</span></div>'


def _states(counts: dict[str, Count]) -> str:
    shown = {state: counts[state].files for state in _STATES if counts[state].files}
    bars = "".join(f'<i class="{state}" style="flex:{files}"></i>' for state, files in shown.items())
    legend = "".join(
        f'<span><i class="{state}"></i>{_count(files)} {_STATES[state]}</span>'
        for state, files in shown.items()
    )
    return f'<section><div class="states">{bars}</div><div class="legend">{legend}</div></section>'


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], note: str = "") -> str:
    """The first column is text, the others are numbers unless they are called reason.

    On narrow pages a row is a list of its cells, each with its column's name.
    """
    kinds = ["text" if head in (heads[0], "reason") else "number" for head in heads]
    head = "".join(f'<th class="{kind}">{text}</th>' for kind, text in zip(kinds, heads, strict=True))
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{kind}" data-head="{text}">{cell}</td>'
            for kind, text, cell in zip(kinds, heads, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<section><h2>{title}</h2>{table}{note}</section>" if body else ""


def _meter(ratio: float | None) -> str:
    if ratio is None:
        return "-"
    width = 100 * min(1.0, ratio)
    return f'{_percent(ratio)}<span class="meter"><i style="width:{width:.1f}%"></i></span>'


def _shares(title: str, shares: Sequence[Share]) -> str:
    heads = ["", "files", "original", "archives", "ratio", "speed", "left"]
    rows = [
        [
            _text(share.name),
            _count(share.done.files),
            _size(share.done.size),
            _size(share.done.coded),
            _meter(share.ratio),
            _speed(share.speed),
            _size(share.left.size),
        ]
        for share in shares
    ]
    shown = len(heads) if any(share.left.files for share in shares) else len(heads) - 1
    return _table(title, heads[:shown], [row[:shown] for row in rows])


def _levels(points: Sequence[Point], sampled: int) -> str:
    what = f"up to {format_size(sampled)} from files of the job, on one thread, without verification"
    note = f'<p class="soft">measured on {what}</p>'
    rows = [[f"-{point.level}", _meter(point.ratio), _speed(point.speed)] for point in points]
    return _table("Levels on a sample", ["", "ratio", "speed"], rows, note)


def _files(title: str, files: Sequence[FileRow]) -> str:
    rows = [
        [_text(file.path), format_size(file.size), _percent(file.coded / file.size), _seconds(file.seconds)]
        for file in files
    ]
    return _table(title, ["file", "original", "ratio", "time"], rows)


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds:.2f} s" if seconds < 10 else _duration(seconds)


def _reasons(title: str, numbers: Numbers, state: str) -> str:
    listed = numbers.reasons[state]
    more = numbers.counts[state].files - len(listed)
    note = f'<p class="soft">and {_count(more)} more; the ledger has all</p>' if more else ""
    rows = [[_text(path), escape(excerpt(reason))] for path, reason in listed]
    return _table(title, ["file", "reason"], rows, note)
