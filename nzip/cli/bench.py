"""nzip bench: measure nzip beside other compressors."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from typing import Any

import click

from nzip.bench.codec import NGRAMS, Codec, nzip_codec
from nzip.bench.measure import BenchError, Measurement, measure, together
from nzip.bench.report import row, table_lines, write_csv
from nzip.bench.select import select_peers
from nzip.bench.sizes import sizes_of, with_total
from nzip.cli.console import Console, stdout, tell


def _levels(text: str) -> list[Codec]:
    codecs = []
    for setting in text.split(","):
        if not setting.removesuffix(NGRAMS).isdecimal():
            raise click.BadParameter(f"{text!r} is not a list such as 1,3,6 or 5{NGRAMS},6")
        try:
            codecs.append(nzip_codec(setting))
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
    return codecs


def _peers(text: str) -> list[Codec]:
    try:
        return select_peers(None if text == "all" else [] if text == "none" else text.split(","))
    except KeyError as error:
        raise click.BadParameter(f"{error.args[0]!r} is not a compressor found here") from None


@click.command(short_help="Measure beside other compressors.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option(
    "--levels",
    type=_levels,
    default="1,3,6",
    metavar="LIST",
    help="Levels of nzip; 6-ngrams is -6 without network and prime [1,3,6].",
)
@click.option(
    "--peers", type=_peers, default="all", metavar="LIST", help="Others, e.g. xz,zpaq; none; all found."
)
@click.option(
    "--runs",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="Repeat, and take the median of the times [1].",
)
@click.option(
    "-T", "--threads", type=click.IntRange(1), default=1, metavar="N", help="Threads, for those that can [1]."
)
@click.option("--sizes-only", is_flag=True, help="Only the sizes of nzip's levels, a row for each file.")
@click.option("--csv", "as_csv", is_flag=True, help="Rows for programs instead of tables.")
@click.option("--json", "as_json", is_flag=True, help="The same as a JSON list.")
@click.option("--plot", metavar="FILE.png", type=click.Path(dir_okay=False), help="Draw size against speed.")
@click.option("-q", "--quiet", is_flag=True, help="Do not say what is being measured.")
def bench(
    files: Sequence[str],
    levels: list[Codec],
    peers: list[Codec],
    runs: int,
    threads: int,
    sizes_only: bool,
    as_csv: bool,
    as_json: bool,
    plot: str | None,
    quiet: bool,
) -> int:
    """Compress and restore each FILE with nzip's levels and with other compressors found on the machine.

    Libraries are measured around the call, commands as whole processes; each runs in a process of its own,
    whose peak memory counts, the interpreter's 20 MB or so included. The round trip is checked. MB are 10^6
    bytes.
    """
    if plot is not None and sizes_only:
        raise click.UsageError("--plot needs speeds; --sizes-only measures none")
    stdout()
    for path in files:
        open(path, "rb").close()  # both before the hours that measuring may take
    names = _short_names(files)
    if sizes_only:
        settings = [codec.name.partition("-")[2] for codec in levels]
        rows = with_total([sizes_of(path, name, settings) for path, name in zip(files, names, strict=True)])
        _print_rows(rows, as_json=as_json)
        return 0

    console = Console(quiet=quiet)
    tables = not (as_csv or as_json)
    measured: dict[str, list[Measurement]] = {}  # by compressor, in the order of the files
    with tempfile.TemporaryDirectory(prefix="nzip-bench-") as scratch:
        for path, name in zip(files, names, strict=True):
            for codec in levels + peers:
                console.summary(name, f"measuring {codec.name}")
                try:
                    found = measure(codec, path, name=name, threads=threads, runs=runs, scratch=scratch)
                except BenchError as error:
                    console.error(name, error)
                    continue
                if not found.round_trip:
                    console.error(name, BenchError(f"{codec.name} did not restore the file"))
                measured.setdefault(codec.name, []).append(found)
            if tables:
                _print_table([m for each in measured.values() for m in each if m.file == name])
    if not measured:
        return console.exit_code

    totals = [together(each) for each in measured.values() if len(each) == len(files)]
    if not tables:
        _print_rows([row(m) for each in measured.values() for m in each], as_json=as_json)
    elif len(files) > 1:
        _print_table(totals)
    if plot is not None:
        from nzip.bench.plot import draw  # matplotlib takes long to import

        draw(totals, plot)
    return console.exit_code


def _short_names(files: Sequence[str]) -> list[str]:
    """The files' paths below the folder that they have in common."""
    if len(files) == 1:
        return [os.path.basename(files[0])]
    common = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in files])
    return [os.path.relpath(path, common) for path in files]


def _print_table(measurements: Sequence[Measurement]) -> None:
    if measurements:
        tell("\n".join(table_lines(measurements)) + "\n")


def _print_rows(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        tell(json.dumps(rows, indent=1))
    else:
        write_csv(rows, stdout())
