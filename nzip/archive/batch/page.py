"""A job's report as a page of HTML that needs nothing else: no network, no script."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from html import escape

from nzip.archive.batch.ledger import Count
from nzip.archive.batch.numbers import FileRow, Numbers, Share
from nzip.archive.batch.plot import plot
from nzip.archive.batch.sample import Point
from nzip.archive.batch.tables import DONE, FAILED, GONE, PENDING, SKIPPED
from nzip.messages import printable
from nzip.sizes import format_size

_STYLE = os.path.join(os.path.dirname(__file__), "report.css")
_STATES = {
    DONE: "archived",
    FAILED: "failed",
    SKIPPED: "links and special files, left out",
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
    if points:
        parts.append(
            f"<section><h2>Levels on a sample</h2>{plot(points)}"
            f'<p class="soft">{format_size(sampled)} from files of the job, on one thread,'
            " without verification. Lower is smaller, further right is faster.</p></section>"
        )
    if numbers.largest:
        lists = _files("Largest files", numbers.largest) + _files("Files that shrank least", numbers.worst)
        parts.append(f'<div class="columns">{lists}</div>')
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
    state = "not complete" if numbers.counts[PENDING].files else "complete"
    runs = f"{numbers.runs} run{'s' if numbers.runs != 1 else ''}"
    return (
        f"<h1>Batch job {state}</h1>"
        f'<p class="soft path">{_text(place.source)} to {_text(place.target)}</p>'
        f'<p class="soft">As of {time.strftime("%Y-%m-%d %H:%M:%S %Z")}, after {runs}</p>'
    )


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


def _table(title: str, heads: Sequence[str], rows: Iterable[str], note: str = "") -> str:
    head = "".join(heads)
    return (
        f'<section><h2>{title}</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>{note}</section>"
    )


def _row(*cells: str) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _th(text: str, kind: str = "") -> str:
    return f'<th class="{kind}">{text}</th>'


def _td(text: str, kind: str = "") -> str:
    return f'<td class="{kind}">{text}</td>'


def _meter(ratio: float | None) -> str:
    if ratio is None:
        return "-"
    width = 100 * min(1.0, ratio)
    return f'{_percent(ratio)}<span class="meter wide"><i style="width:{width:.1f}%"></i></span>'


def _shares(title: str, shares: Sequence[Share]) -> str:
    heads = [
        _th(""),
        _th("files", "wide"),
        _th("original"),
        _th("archives", "wide"),
        _th("ratio"),
        _th("speed"),
    ]
    pending = any(share.left.files for share in shares)
    if pending:
        heads.append(_th("left"))
    rows = []
    for share in shares:
        cells = [
            _td(_text(share.name)),
            _td(_count(share.done.files), "wide"),
            _td(_size(share.done.size)),
            _td(_size(share.done.coded), "wide"),
            _td(_meter(share.ratio)),
            _td(_speed(share.speed)),
        ]
        if pending:
            cells.append(_td(_size(share.left.size)))
        rows.append(_row(*cells))
    return _table(title, heads, rows)


def _files(title: str, files: Sequence[FileRow]) -> str:
    heads = [_th("file"), _th("original"), _th("ratio"), _th("time")]
    rows = [
        _row(
            _td(_text(file.path), "path"),
            _td(format_size(file.size)),
            _td(_percent(file.coded / file.size)),
            _td(f"{file.seconds:.2f} s" if file.seconds < 10 else _duration(file.seconds)),
        )
        for file in files
    ]
    return _table(title, heads, rows) if rows else ""


def _reasons(title: str, numbers: Numbers, state: str) -> str:
    listed = numbers.reasons[state]
    rows = [_row(_td(_text(path), "path"), _td(_text(reason), "reason")) for path, reason in listed]
    more = numbers.counts[state].files - len(rows)
    note = f'<p class="soft">and {_count(more)} more; the ledger has all</p>' if more else ""
    heads = [_th("file"), '<th style="text-align:left">reason</th>']
    return _table(title, heads, rows, note) if rows else ""
