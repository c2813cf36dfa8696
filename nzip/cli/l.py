"""nzip l: list what archives hold, from their headers."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence

import click

from nzip.cli import options
from nzip.cli.console import Console, tell
from nzip.cli.source import STDIN, open_source
from nzip.cli.times import local_time
from nzip.format.block import Expert
from nzip.format.description import BlockInfo, Info, StreamInfo
from nzip.format.reference import reference_of
from nzip.format.registry import COMPONENT_NONE, ExpertKind, component_name
from nzip.info import info
from nzip.messages import excerpt, printable
from nzip.sizes import format_size

_USER_FIELDS = 20  # shown of a stream
_ROW = "{:>10}  {:>10}  {:>7}  {:>6}  {}"


@click.command(short_help="List archives.")
@options.packed_sources
@options.console
def l(sources: Sequence[str], console: Console) -> int:  # noqa: E743 - the command's name
    """Show sizes and contents of each FILE without decoding it; -v shows streams and blocks too."""
    rows: list[Info] = []

    def show(name: str) -> None:
        with open_source(name, any_kind=True) as source:
            found = info(source.file)
        shown = "stdin" if name == STDIN else name
        console.record({"file": shown, **found.to_dict()})
        if not console.as_json:
            if not rows:
                tell(_ROW.format("compressed", "original", "ratio", "blocks", "name"))
            tell(_row(found.total_coded, found.total_plain, _blocks(found), printable(shown)))
            if console.verbose:
                tell("\n".join(_details(found)))
        rows.append(found)

    code = console.for_each(sources, show)
    if len(rows) > 1 and not console.as_json:
        coded, plain = sum(row.total_coded for row in rows), sum(row.total_plain for row in rows)
        tell(_row(coded, plain, sum(map(_blocks, rows)), f"({len(rows)} files)"))
    return code


def _row(coded: int, plain: int, blocks: int, name: str) -> str:
    ratio = f"{100 * coded / plain:.1f} %" if plain else "-"
    return _ROW.format(format_size(coded), format_size(plain), ratio, blocks, name)


def _blocks(found: Info) -> int:
    return sum(len(stream.blocks) for stream in found.streams)


def _details(found: Info) -> Iterator[str]:
    for stream in found.streams:
        yield f"    stream at {stream.offset}: {_stream(stream)}"
        for block in stream.blocks:
            yield f"        block at {block.offset}: {_block(block)}"


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
    parts += [_expert(expert) for expert in coding.experts if expert.kind != ExpertKind.REFERENCE]
    parts.append(f"tables {format_size(1 << coding.table_log2)}, lanes {coding.lanes}")
    if coding.prime != COMPONENT_NONE:
        parts.append(f"prime {component_name(coding.prime)}")
    if (reference := reference_of(coding)) is not None:
        parts.append(f"reference {component_name(reference.component)} of {reference.size} bytes")
    if coding.continues:
        parts.append("continues the block before")
    return ", ".join(parts)


_EXPERTS: dict[int, str] = {ExpertKind.BYTE_NETWORK: "network", ExpertKind.LANGUAGE_MODEL: "language model"}


def _expert(expert: Expert) -> str:
    kind = _EXPERTS.get(expert.kind, f"expert {expert.kind}")
    return f"{kind} {component_name(expert.model)}"
