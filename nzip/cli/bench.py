"""nzip bench: measure nzip beside other compressors."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO, cast

import click

from nzip.bench.codec import NGRAMS, Codec, nzip_codec
from nzip.bench.measure import BenchError, Measurement, measure, together
from nzip.bench.report import row, table_lines, write_csv
from nzip.bench.select import select_peers
from nzip.bench.sizes import sizes_of, with_total
from nzip.cli.console import Console, stdout, tell
from nzip.cli.path_completion import any_path
from nzip.cli.target import open_target


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
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=any_path)
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
@click.option("--plot", metavar="FILE.png", shell_complete=any_path, help="Draw size against speed.")
@click.option("-f", "--force", is_flag=True, help="Replace FILE.png.")
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
    force: bool,
    quiet: bool,
) -> int:
    """Compress and restore each FILE with nzip's levels and with other compressors found on the machine.

    Libraries are measured around the call, commands as whole processes; each runs in a process of its own,
    whose peak memory counts, the interpreter's 20 MB or so included. The round trip is checked. MB are 10^6
    bytes. The last column says which library or command was measured, and its version.
    """
    if plot is not None and sizes_only:
        raise click.UsageError("--plot needs speeds; --sizes-only measures none")
    stdout()  # all that may be wrong with files is found out before the hours that measuring may take
    console = Console(quiet=quiet)
    readable: list[str] = []
    console.for_each(files, lambda path: readable.extend(_checked(path)))
    if not readable:
        return console.exit_code
    names = dict(zip(readable, _short_names(readable), strict=True))
    if sizes_only:
        settings = [codec.name.partition("-")[2] for codec in levels]
        rows = with_total([sizes_of(path, name, settings) for path, name in names.items()])
        _print_rows(rows, as_json=as_json)
        return console.exit_code

    with ExitStack() as stack:
        picture = None if plot is None else stack.enter_context(_picture(plot, force))
        tables = not (as_csv or as_json)
        measured = _measure(names, levels + peers, threads, runs, console, tables=tables)
        totals = [together(each) for each in measured.values() if len(each) == len(names)]
        if measured and not tables:
            _print_rows([row(m) for each in measured.values() for m in each], as_json=as_json)
        elif len(names) > 1:
            _print_table(totals)
        if picture is not None and totals:
            picture(totals)
    return console.exit_code


def _checked(path: str) -> list[str]:
    if not os.path.isfile(path) and os.path.exists(path):
        raise OSError(errno.EINVAL, "is not a regular file", path)
    open(path, "rb").close()
    return [path]


def _measure(
    names: Mapping[str, str],
    codecs: Sequence[Codec],
    threads: int,
    runs: int,
    console: Console,
    *,
    tables: bool,
) -> dict[str, list[Measurement]]:
    """By compressor, in the order of the files, which are given by path with the names to show."""
    measured: dict[str, list[Measurement]] = {}
    with tempfile.TemporaryDirectory(prefix="nzip-bench-") as scratch:
        for path, name in names.items():
            for codec in codecs:
                console.summary(path, f"measuring {codec.name}, {codec.tool()}")
                try:
                    found = measure(codec, path, name=name, threads=threads, runs=runs, scratch=scratch)
                except BenchError as error:
                    console.error(path, error)
                    continue
                if not found.round_trip:
                    console.error(path, BenchError(f"{codec.name} did not restore the file"))
                measured.setdefault(codec.name, []).append(found)
            if tables:
                _print_table([m for each in measured.values() for m in each if m.file == name])
    return measured


@contextmanager
def _picture(path: str, force: bool) -> Iterator[Callable[[Sequence[Measurement]], None]]:
    """What draws the measurements to a new file; whether that can be done is found out at once."""
    kind = os.path.splitext(path)[1].removeprefix(".")
    try:
        from nzip.bench.plot import FORMATS, draw
    except ModuleNotFoundError as missing:
        raise click.UsageError(f"--plot needs {missing.name}: pip install 'nzip[bench]'") from None
    if kind not in FORMATS:
        raise click.UsageError(f"--plot draws files whose names end in .{', .'.join(FORMATS)}")
    with open_target(path, None, force=force, binary=True) as target:

        def picture(measurements: Sequence[Measurement]) -> None:
            draw(measurements, cast(BinaryIO, target), kind)
            target.finish()

        yield picture


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
