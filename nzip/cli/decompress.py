"""nzip d: restore what was compressed."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

import click

from nzip.cli import options
from nzip.cli.console import Console
from nzip.cli.decoding import restoring_all
from nzip.cli.defined import defined
from nzip.cli.hints import repairable
from nzip.cli.output_names import restored_name, stored_name
from nzip.cli.outputs import Outputs
from nzip.cli.progress import ProgressBar
from nzip.cli.source import Source
from nzip.cli.stored_metadata import stored_metadata
from nzip.cli.transfer import Transfer
from nzip.errors import EMPTY, NzipFormatError, NzipTruncatedError
from nzip.format.holes import Hole
from nzip.format.member_records import has_member_table
from nzip.messages import excerpt
from nzip.option_table import SPARSE
from nzip.pipeline import Decoding, LostRange, Totals, decompress_stream, salvage_stream
from nzip.pipeline.attributes import Attributes
from nzip.pipeline.holes import EVERYWHERE


class Restoration(Transfer):
    packs = False
    respects_members = True  # does not join the members of an archive unless it must

    def __init__(
        self,
        console: Console,
        outputs: Outputs,
        *,
        by_stored_name: bool,
        decoding: Decoding,
        sparse: bool | None,
    ) -> None:
        super().__init__(console, outputs)
        self._by_stored_name = by_stored_name
        self._decoding = decoding
        self.learned = decoding.resources.reference_bytes
        self._sparse = sparse

    def output_name(self, source: Source) -> str:
        if self.respects_members and source.is_file and not self._outputs.force and _is_archive(source):
            raise OSError(
                errno.EINVAL, "holds several files; nzip archive extract restores them", source.name
            )
        stored = stored_metadata(source).name if self._by_stored_name else None
        return restored_name(source.name) if stored is None else stored_name(source.name, stored)

    def work(self, source: Source, target: BinaryIO, progress: ProgressBar) -> Totals:
        with repairable(source):
            return decompress_stream(source.file, target, self._decoding, progress=progress)

    def holes(self, source: Source) -> Iterable[Hole]:
        if self._sparse is None:
            return stored_metadata(source).holes
        return EVERYWHERE if self._sparse else ()

    def attributes(self, source: Source) -> Attributes | None:
        """The original's mode and time where the archive has them; all else is the archive's own."""
        attributes = super().attributes(source)
        stored = stored_metadata(source)
        if attributes is not None and stored.mode is not None:
            attributes = attributes._replace(mode=stored.mode)
        if attributes is not None and stored.mtime_ns is not None:
            attributes = attributes._replace(mtime_ns=stored.mtime_ns)
        return attributes


def _is_archive(source: Source) -> bool:
    try:
        return has_member_table(source.file)
    finally:
        source.file.seek(0)


class Salvage(Restoration):
    """Restores every intact block and tells which ranges are lost."""

    respects_members = False
    _lost: Sequence[LostRange] = ()

    def work(self, source: Source, target: BinaryIO, progress: ProgressBar) -> Totals:
        report = salvage_stream(source.file, target, self._decoding, progress=progress)
        if report.blocks == 0:
            if not any(lost.coded_end for lost in report.lost):
                raise NzipTruncatedError(EMPTY)
            raise NzipFormatError("holds no intact block")
        self._lost = report.lost
        for lost in report.lost:
            self._console.warning(source.name, _describe(lost))
        return Totals(report.recovered, source.size or 0, report.blocks)

    def record(self, totals: Totals, seconds: float) -> dict[str, Any]:
        return {**super().record(totals, seconds), "lost": [asdict(lost) for lost in self._lost]}


def _describe(lost: LostRange) -> str:
    text = f"lost bytes {lost.coded_start} to {lost.coded_end} of the archive"
    if lost.plain_start is not None and lost.plain_size is not None:
        text += f": {lost.plain_size} bytes of the original from {lost.plain_start}"
    return f"{text} ({excerpt(lost.reason)})" if lost.reason else text


@click.command("d", short_help="Restore files.")
@options.packed_sources
@options.outputs
@click.option("-N", "--name", "by_stored_name", is_flag=True, help="Name the output as the archive says.")
@click.option(
    "--salvage", is_flag=True, help="Restore every intact block of a damaged file, list what is lost."
)
@defined(SPARSE)
@options.console
@restoring_all
def decompress(
    sources: Sequence[str],
    outputs: Outputs,
    console: Console,
    by_stored_name: bool,
    salvage: bool,
    sparse: bool | None,
    decoding: Decoding,
) -> int:
    """Restore FILE from each FILE.nz, or standard input to standard output.

    Sources are kept. Nothing is replaced without -f, and an output takes its name only when it is complete
    and every checksum was right. Concatenated archives restore as one. With -f, a language model is tried
    even where another library or device evaluates it than when it compressed.
    """
    if outputs.force:
        decoding = decoding.in_any_environment()
    if salvage and not outputs.keep:
        raise click.UsageError("--salvage keeps the damaged file; it excludes --rm")
    kind = Salvage if salvage else Restoration
    restoration = kind(
        console,
        outputs,
        by_stored_name=by_stored_name,
        decoding=decoding,
        sparse=sparse,
    )
    return console.for_each(sources, restoration.run)
