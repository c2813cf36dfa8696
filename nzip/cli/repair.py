"""nzip repair: restore damaged files by their recovery records."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import BinaryIO, cast

import click

from nzip.cli import options
from nzip.cli.console import Console
from nzip.cli.path_completion import any_path
from nzip.cli.source import Source, open_source
from nzip.cli.target import open_target
from nzip.errors import NzipChecksumError
from nzip.pipeline.attributes import Attributes
from nzip.pipeline.repair import Repair


@click.command(short_help="Restore damaged files by their recovery records.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=any_path)
@click.option(
    "-o", "--output", metavar="PATH", shell_complete=any_path, help="Write to this file, or into this folder."
)
@click.option("-f", "--force", is_flag=True, help="Replace existing files.")
@options.console
def repair(files: Sequence[str], output: str | None, force: bool, console: Console) -> int:
    """Restore each damaged FILE that was made with --recovery, to FILE.repaired before the suffix.

    FILE stays as it is; of an intact one nothing is written. Exit code 2 when a part could not be restored.
    """
    if output is not None and len(files) > 1 and not os.path.isdir(output):
        raise click.UsageError("-o must be a folder when there are several files")

    def work(name: str) -> None:
        start = time.monotonic()
        with open_source(name, any_kind=False) as source:
            found = Repair(source.file)
            target_name = None if found.is_intact else _target_name(name, output)
            if found.damaged and found.lost == found.damaged:
                raise NzipChecksumError(f"is damaged beyond repair: {_parts(found.lost)} cannot be restored")
            if target_name is not None:
                _write(found, source, target_name, force, console)
        seconds = time.monotonic() - start
        state = "intact" if target_name is None else f"{_parts(found.damaged)} damaged, in {target_name}"
        console.summary(name, f"{state}, {seconds:.1f} s")
        console.record(
            {
                "file": name,
                "output": target_name,
                "damaged_slices": found.damaged,
                "lost_slices": found.lost,
                "seconds": round(seconds, 3),
            }
        )

    return console.for_each(files, work)


def _write(found: Repair, source: Source, name: str, force: bool, console: Console) -> None:
    with open_target(name, source, force=force, binary=True) as target:
        is_whole = found.write(cast(BinaryIO, target))
        target.finish(Attributes.of(source.status), durable=True)
    if not is_whole:
        console.warning(source.name, f"{_parts(found.lost)} could not be restored; all else is in {name}")


def _parts(slices: int) -> str:
    return "1 slice" if slices == 1 else f"{slices} slices"


def _target_name(name: str, output: str | None) -> str:
    stem, suffix = os.path.splitext(name)
    repaired = f"{stem}.repaired{suffix}"
    if output is not None and os.path.isdir(output):
        return os.path.join(output, os.path.basename(name))
    return repaired if output is None else output
