"""nzip c: compress."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO, cast

import click

from nzip.cli import options
from nzip.cli.console import Console, Skipped
from nzip.cli.encoding import EncodeCommand, encode_options_and_ref
from nzip.cli.output_names import is_packed_name, packed_name
from nzip.cli.outputs import Outputs
from nzip.cli.progress import ProgressBar
from nzip.cli.source import Source
from nzip.cli.transfer import Transfer
from nzip.durations import format_duration
from nzip.format.holes import Hole
from nzip.format.times import OUT_OF_RANGE
from nzip.pipeline import Encoding, Metadata, Totals, compress_stream, memory_needed, threads_for
from nzip.pipeline.holes import HoleReader, find_holes
from nzip.sizes import format_size


class Compression(Transfer):
    packs = True

    def __init__(
        self, console: Console, outputs: Outputs, encoding: Encoding, *, stores_metadata: bool
    ) -> None:
        super().__init__(console, outputs)
        self._encoding = encoding
        self.learned = encoding.components.reference_size
        self._stores_metadata = stores_metadata

    def run(self, name: str) -> None:
        if is_packed_name(name) and os.path.lexists(name) and not self._outputs.any_source:
            raise Skipped("already ends in .nz; -f compresses it again")
        super().run(name)

    def _time(self, size: int | None) -> str:
        """Of a language model, as so much of it may not be expected."""
        language = self._encoding.components.language
        if language is None or not size:
            return ""
        return f", some {format_duration(size * language.seconds)} of processor time if all is text"

    def output_name(self, source: Source) -> str:
        return packed_name(source.name)

    def work(self, source: Source, target: BinaryIO, progress: ProgressBar) -> Totals:
        if self._console.verbose:
            threads = threads_for(self._encoding, source.size)
            memory = format_size(memory_needed(self._encoding, source.size))
            self._console.line(
                source.name,
                f"level {self._encoding.options.level}, network {self._encoding.components.network_name}, "
                f"threads {threads}, memory up to {memory}{self._time(source.size)}",
            )
        holes = find_holes(source.file) if source.is_file else ()
        return compress_stream(
            cast(BinaryIO, HoleReader(source.file, holes)),  # only ever read from
            target,
            self._encoding,
            metadata=self._metadata(source, holes),
            size_hint=source.size or None,  # the files of /proc claim to be empty
            progress=progress,
        )

    def _metadata(self, source: Source, holes: tuple[Hole, ...]) -> Metadata | None:
        attributes = self.attributes(source)
        if attributes is None or not self._stores_metadata:
            return None
        metadata = attributes.metadata(source.name, holes)
        if metadata.mtime_ns != attributes.mtime_ns:
            self._console.warning(source.name, OUT_OF_RANGE)
        return metadata


@click.command("c", cls=EncodeCommand, short_help="Compress files.")
@options.sources
@options.outputs
@click.option("-n", "--no-name", is_flag=True, help="Store no name, mode, time or holes.")
@options.console
@encode_options_and_ref
def compress(
    sources: Sequence[str],
    outputs: Outputs,
    console: Console,
    encoding: Encoding,
    no_name: bool,
) -> int:
    """Compress each FILE to FILE.nz, or standard input to standard output.

    Sources are kept. Nothing is replaced without -f, and an output takes its name only when it is complete.
    """
    if not outputs.keep:
        encoding = encoding.with_options(verify=True)
    compression = Compression(console, outputs, encoding, stores_metadata=not no_name)
    return console.for_each(sources, compression.run)
