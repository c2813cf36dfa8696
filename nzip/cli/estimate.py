"""nzip estimate: what each level would give and take."""

from __future__ import annotations

import os
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
from nzip.durations import format_duration
from nzip.levels import LEVELS
from nzip.option_table import DEVICE, LANES, MEMORY, MODEL, PRIME, THREADS, Option
from nzip.option_values import Duration
from nzip.pipeline import EncodeOptions, Encoding, resolve_encoding
from nzip.pipeline.estimate import estimate as estimate_files
from nzip.sizes import format_size

_ROW = "{:>5}  {:>10}  {:>7}  {:>9}  {:>11}  {}"
_BUDGET = Option("budget", Duration(), "Find the smallest within a time: 45s, 2h, 1h30m")
_CHOICES = (THREADS, MEMORY, DEVICE, LANES, MODEL, PRIME)


@click.command(short_help="Predict sizes and times.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=any_path)
@defined(_BUDGET, *_CHOICES)
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
        format_duration(seconds),
        f"{plain / seconds / 1e6:.3f} MB/s" if seconds else "-",
        "<-- within the budget" if row["best"] else "",
    ).rstrip()
