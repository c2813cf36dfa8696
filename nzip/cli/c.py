"""nzip c: compress."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, BinaryIO

import click

from nzip.cli import options
from nzip.cli.console import Console, Skipped
from nzip.cli.names import is_packed_name, packed_name
from nzip.cli.outputs import Outputs
from nzip.cli.progress import ProgressBar
from nzip.cli.source import Source
from nzip.cli.transfer import Transfer
from nzip.format.limits import MAX_BLOCK, MAX_LANES, MAX_RUN
from nzip.levels import DEFAULT_LEVEL, LEVELS, spans
from nzip.pipeline import EncodeOptions, Metadata, Totals, compress_stream, memory_needed, threads_for
from nzip.pipeline.options import DEFAULT_SOLID
from nzip.sizes import format_size, is_size


class Compression(Transfer):
    packs = True

    def __init__(
        self, console: Console, outputs: Outputs, encode_options: EncodeOptions, *, stores_metadata: bool
    ) -> None:
        super().__init__(console, outputs)
        self._options = encode_options
        self._stores_metadata = stores_metadata

    def run(self, name: str) -> None:
        if is_packed_name(name) and not self._outputs.any_source:
            raise Skipped("already ends in .nz; -f compresses it again")
        super().run(name)

    def output_name(self, source: Source) -> str:
        return packed_name(source.name)

    def work(self, source: Source, target: BinaryIO, progress: ProgressBar) -> Totals:
        if self._console.verbose:
            threads = threads_for(self._options, source.size)
            memory = format_size(memory_needed(self._options, source.size))
            self._console.line(
                source.name,
                f"level {self._options.level}, network {self._options.components.network_name}, "
                f"threads {threads}, memory up to {memory}",
            )
        return compress_stream(
            source.file,
            target,
            self._options,
            metadata=self._metadata(source),
            size_hint=source.size or None,  # the files of /proc claim to be empty
            progress=progress,
        )

    def _metadata(self, source: Source) -> Metadata | None:
        attributes = self.attributes(source)
        if attributes is None or not self._stores_metadata:
            return None
        return attributes.metadata(source.name)


class CompressCommand(click.Command):
    """Lets --solid stand alone: click would take the word after it for its size."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        for option, value in pairwise(args[:end]):
            if option == "--solid" and is_size(value) and not os.path.lexists(value):
                ctx.fail(f"no file {value!r}; a size needs an equals sign: --solid={value}")
        args[:end] = [f"--solid={DEFAULT_SOLID}" if arg == "--solid" else arg for arg in args[:end]]
        return super().parse_args(ctx, args)


def level_options(command: options.Command) -> options.Command:
    """-1 to -9, one option each, shown as one line of help."""
    for number in sorted(LEVELS, reverse=True):
        first = number == min(LEVELS)
        command = click.option(
            f"-{number}",
            "level",
            type=int,
            flag_value=number,
            hidden=not first,
            help=f"to -{max(LEVELS)}: from fast to strong [{DEFAULT_LEVEL}]." if first else None,
        )(command)
    return command


def by_level(choice: str) -> str:
    """Which network or prime each level uses, in words."""
    numbers: dict[str, list[int]] = {}
    for number, level in LEVELS.items():
        numbers.setdefault(getattr(level, choice), []).append(number)
    return ", ".join(f"{name} at {spans(levels)}" for name, levels in numbers.items())


@click.command(cls=CompressCommand, short_help="Compress files.")
@level_options
@options.sources
@options.outputs
@click.option("--verify", is_flag=True, help="Decode each block before it is written; --rm implies this.")
@click.option("-n", "--no-name", is_flag=True, help="Store no name, mode or time.")
@options.effort
@click.option("--block-size", type=options.size(MAX_BLOCK), help="Plaintext in a block [by level].")
@click.option(
    "--solid",
    type=options.size(MAX_RUN),
    metavar="[=SIZE]",
    help="Blocks continue the statistics of the block before, anew after SIZE [256M].",
)
@click.option(
    "--lanes",
    type=click.IntRange(1, MAX_LANES),
    default=1,
    metavar="N",
    help="Lanes in a block [1, the smallest].",
)
@click.option(
    "--model",
    metavar="NAME",
    help=f"Network: none, default, or a name, an id or a path (see nzip models) [{by_level('model')}].",
)
@click.option(
    "--prime", metavar="NAME", help=f"Text to start from: none, default or a path [{by_level('prime')}]."
)
@options.console
def c(
    sources: Sequence[str],
    outputs: Outputs,
    console: Console,
    level: int | None,
    verify: bool,
    no_name: bool,
    memory: int | None,
    **encode: Any,
) -> int:
    """Compress each FILE to FILE.nz, or standard input to standard output.

    Sources are kept. Nothing is replaced without -f, and an output takes its name only when it is complete.
    """
    try:
        encode_options = EncodeOptions(
            level=level or DEFAULT_LEVEL, memory_limit=memory, verify=verify or not outputs.keep, **encode
        )
    except OSError as error:
        console.error("--model", error)
        return console.exit_code
    compression = Compression(console, outputs, encode_options, stores_metadata=not no_name)
    return console.for_each(sources, compression.run)
