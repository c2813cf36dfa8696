"""nzip estimate: what each level would give and take."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import Any

import click

from nzip.cli import options
from nzip.cli.compress import Compression
from nzip.cli.console import Console, tell
from nzip.cli.defined import defined, taken
from nzip.cli.files_below import files_below
from nzip.cli.output_names import packed_name
from nzip.cli.outputs import Outputs
from nzip.cli.path_completion import any_path
from nzip.levels import LEVELS
from nzip.option_table import DEVICE, LANES, MEMORY, MODEL, PRIME, THREADS
from nzip.pipeline import EncodeOptions, Encoding, resolve_encoding
from nzip.pipeline.estimate import estimate as estimate_files
from nzip.sizes import format_size

_ROW = "{:>5}  {:>10}  {:>7}  {:>9}  {:>11}  {}"
_CHOICES = (THREADS, MEMORY, DEVICE, LANES, MODEL, PRIME)
_UNITS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}


def duration(text: str) -> int:
    """Seconds of a time such as 90m, 2h or 1h30m.

    >>> duration("1h30m")
    5400
    """
    if not re.fullmatch(r"(\d+d)?(\d+h)?(\d+m)?(\d+s)?", text) or not text:
        raise click.BadParameter(f"{text!r} is not a time such as 45s, 90m, 2h or 1h30m")
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([dhms])", text))


def format_time(seconds: float) -> str:
    """A time for people, in two units.

    >>> format_time(0.04), format_time(59.7), format_time(5400), format_time(200_000)
    ('0.0 s', '1m 00s', '1h 30m', '2d 07h')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    large, small = next(pair for pair in ("dh", "hm", "ms") if whole >= _UNITS[pair[0]])
    return f"{whole // _UNITS[large]}{large} {whole % _UNITS[large] // _UNITS[small]:02}{small}"


@click.command(short_help="Predict sizes and times.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=any_path)
@click.option(
    "--budget", type=duration, metavar="TIME", help="Find the smallest within a time: 45s, 2h, 1h30m."
)
@defined(*_CHOICES)
@options.console
@options.checked_device
def estimate(paths: Sequence[str], console: Console, budget: int | None, **given: Any) -> int:
    """Predict what nzip c makes of files, and of all the files in folders, at each level.

    Samples are compressed, which takes about a minute. Times are those of a machine that does nothing else.
    """
    chosen = taken(given, _CHOICES)
    files: list[tuple[str, int]] = []
    console.for_each(paths, lambda path: files.extend(files_below(path, console)))
    if not files and console.exit_code:
        return console.exit_code
    try:
        settings = [resolve_encoding(EncodeOptions(level=level, **chosen)) for level in LEVELS]
    except OSError as error:
        console.option_error("--model", error)
        return console.exit_code
    try:
        with TemporaryDirectory(prefix="nzip-") as folder:
            estimates = estimate_files(
                files,
                settings,
                lambda path, each: _compress(path, each, folder),
                lambda each: console.summary("estimate", f"measuring -{each.options.level}"),
            )
    except OSError as error:
        console.option_error("estimate", error)
        return console.exit_code

    total = sum(size for _, size in files)
    affordable = [] if budget is None else [each for each in estimates if each.seconds <= budget]
    best = min(affordable, key=lambda each: each.coded, default=None)
    if not console.as_json:
        tell(_ROW.format("level", "compressed", "ratio", "time", "speed", "").rstrip())
    for encoding, each in zip(settings, estimates, strict=True):
        row = {
            "level": encoding.options.level,
            "files": len(files),
            "plain_bytes": total,
            "coded_bytes": round(each.coded),
            "seconds": round(each.seconds, 3),
            "best": each is best,
        }
        console.record(row)
        if not console.as_json:
            tell(_row(row))
    if not console.as_json:
        tell(f"files: {len(files):,}, {format_size(total)}")
    if budget is not None and best is None:
        console.warning("--budget", "no level is so fast")
    return console.exit_code


def _compress(path: str, encoding: Encoding, folder: str) -> tuple[int, int]:
    """What nzip c does with a file; the sizes of this and of what it makes."""
    quiet = Console(quiet=True, verbose=False, as_json=False)
    outputs = Outputs([path], folder, to_stdout=False, keep=True, force=True)
    Compression(quiet, outputs, encoding, stores_metadata=True).run(path)
    packed = os.path.join(folder, os.path.basename(packed_name(path)))
    return os.path.getsize(path), os.path.getsize(packed)


def _row(row: dict[str, Any]) -> str:
    plain, coded, seconds = row["plain_bytes"], row["coded_bytes"], row["seconds"]
    return _ROW.format(
        f"-{row['level']}",
        format_size(coded),
        f"{100 * coded / plain:.1f} %" if plain else "-",
        format_time(seconds),
        f"{plain / seconds / 1e6:.3f} MB/s" if seconds else "-",
        "<-- within the budget" if row["best"] else "",
    ).rstrip()
