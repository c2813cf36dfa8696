"""nzip l: list what archives hold, from their headers."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

import click

from nzip.cli import options
from nzip.cli.console import Console, tell
from nzip.cli.defined import defined
from nzip.cli.source import STDIN, open_source
from nzip.cli.times import local_time
from nzip.format.block import BlockHeader, Expert
from nzip.format.description import BlockInfo, Info, StreamInfo
from nzip.format.earlier import earlier_of
from nzip.format.reference import reference_of
from nzip.format.registry import COMPONENT_NONE, ExpertKind, TransformId, component_name
from nzip.format.scan import walk_file
from nzip.info import info
from nzip.messages import excerpt, printable
from nzip.option_table import MEMORY
from nzip.pipeline.cost import decoding_cost
from nzip.sizes import format_size

_USER_FIELDS = 20  # shown of a stream
_ROW = "{:>10}  {:>10}  {:>7}  {:>6}  {}"


@click.command("l", short_help="List archives.")
@options.packed_sources
@defined(MEMORY)
@options.console
def list_(sources: Sequence[str], memory: int | None, console: Console) -> int:
    """Show sizes and contents of each FILE without decoding it.

    -v shows streams and blocks, too, and about what it would cost to restore them.
    """
    rows: list[_Sums] = []

    def show(name: str) -> None:
        shown = "stdin" if name == STDIN else name
        found = None
        with open_source(name, any_kind=True) as source:
            if console.as_json or console.verbose:
                found = info(source.file, memory_limit=memory)
                sums = _Sums.of(found)
            else:
                sums = _Sums.read(source.file)
        if found is not None:
            console.record({"file": shown, **found.to_dict()})
        if not console.as_json:
            if not rows:
                tell(_ROW.format("compressed", "original", "ratio", "blocks", "name"))
            tell(sums.row(printable(shown)))
            if found is not None:
                tell("\n".join(_details(found)))
        rows.append(sums)

    code = console.for_each(sources, show)
    if len(rows) > 1 and not console.as_json:
        tell(_Sums(*map(sum, zip(*rows, strict=True))).row(f"({len(rows)} files)"))
    return code


class _Sums(NamedTuple):
    """What a row says of a file, or of several."""

    coded: int = 0
    plain: int = 0
    blocks: int = 0

    @classmethod
    def of(cls, found: Info) -> _Sums:
        return cls(found.total_coded, found.total_plain, sum(len(stream.blocks) for stream in found.streams))

    @classmethod
    def read(cls, file: BinaryIO) -> _Sums:
        """Without keeping what is read: a hostile file has many more blocks than would fit."""
        coded = plain = blocks = 0
        begin = None
        for event, start, end in walk_file(file):
            begin = start if begin is None else begin
            coded = end - begin
            if isinstance(event, BlockHeader):
                plain += event.plain_size
                blocks += 1
        return cls(coded, plain, blocks)

    def row(self, name: str) -> str:
        ratio = f"{100 * self.coded / self.plain:.1f} %" if self.plain else "-"
        return _ROW.format(format_size(self.coded), format_size(self.plain), ratio, self.blocks, name)


def _details(found: Info) -> Iterator[str]:
    for stream in found.streams:
        yield f"    stream at {stream.offset}: {_stream(stream)}"
        if stream.blocks:
            cost = decoding_cost(block.header for block in stream.blocks)
            yield f"        to restore: about {_time(cost.seconds)}, {format_size(cost.memory)} of memory"
        for block in stream.blocks:
            yield f"        block at {block.offset}: {_block(block)}"


def _time(seconds: float) -> str:
    """
    >>> [_time(seconds) for seconds in (0.1, 59, 3000, 20_000, 1e6)]
    ['1 s', '59 s', '50 min', '6 h', '12 days']
    """
    for unit, size, most in ("s", 1, 120), ("min", 60, 120), ("h", 3600, 72):
        if seconds < most * size:
            return f"{max(1, round(seconds / size))} {unit}"
    return f"{round(seconds / 86_400)} days"


def _stream(stream: StreamInfo) -> str:
    metadata = stream.metadata
    parts = [f"version {stream.header.version}", "index" if stream.has_index else "no index"]
    if stream.recovery is not None:
        parts.append(f"recovery {stream.recovery:.1f} %")
    if metadata.name is not None:
        parts.append(f"name {excerpt(metadata.name)}")
    if metadata.mode is not None:
        parts.append(f"mode {stat.filemode(stat.S_IFREG | metadata.mode)}")
    if metadata.mtime_ns is not None:
        parts.append(f"time {local_time(metadata.mtime_ns)}")
    if metadata.holes:
        parts.append(f"holes of {format_size(sum(hole.size for hole in metadata.holes))}")
    parts += [f"{excerpt(key)} {excerpt(value)}" for key, value in metadata.user[:_USER_FIELDS]]
    if len(metadata.user) > _USER_FIELDS:
        parts.append(f"{len(metadata.user) - _USER_FIELDS} fields more (see --json)")
    return ", ".join(parts)


def _block(block: BlockInfo) -> str:
    header = block.header
    parts = [f"{header.plain_size} bytes in {block.size}", f"checksum {header.checksum:016x}"]
    coding = header.coding
    if coding is None:
        return ", ".join([*parts, "stored"])
    parts.append(f"engine {coding.engine}.{coding.revision} profile {component_name(coding.profile)}")
    parts += [_expert(expert) for expert in coding.experts if expert.kind not in _FILES]
    parts.append(f"tables {format_size(1 << coding.table_log2)}, lanes {coding.lanes}")
    if coding.prime != COMPONENT_NONE:
        parts.append(f"prime {component_name(coding.prime)}")
    if (reference := reference_of(coding) or earlier_of(coding)) is not None:
        parts.append(f"reference {component_name(reference.component)} of {reference.size} bytes")
    parts += [
        f"packed streams opened: {step.size_before} bytes became {step.size_after}"
        for step in coding.transforms
        if step.id == TransformId.UNPACK
    ]
    if coding.continues:
        parts.append("continues the block before")
    return ", ".join(parts)


_FILES = ExpertKind.REFERENCE, ExpertKind.EARLIER
_EXPERTS: dict[int, str] = {
    ExpertKind.BYTE_NETWORK: "network",
    ExpertKind.LANGUAGE_MODEL: "language model in floats",
    ExpertKind.EXACT_LANGUAGE_MODEL: "language model",
    ExpertKind.LEARNER: "learner",
}


def _expert(expert: Expert) -> str:
    kind = _EXPERTS.get(expert.kind, f"expert {expert.kind}")
    return f"{kind} {component_name(expert.model)}"
