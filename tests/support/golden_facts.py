"""What a golden file shows of the container, in the words of docs/format."""

from __future__ import annotations

import io
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

from nzip.format import registry
from nzip.format.block import BlockHeader, Coding
from nzip.format.cursor import Cursor
from nzip.format.metadata import Metadata
from nzip.format.reader import StreamReader
from nzip.format.record import Record
from nzip.format.registry import (
    ExpertKind,
    InstructionSet,
    MemberColumn,
    MemberKind,
    RecordType,
    SegmentKind,
    TransformId,
)
from nzip.models import shipped
from nzip.models.store import PROFILES

_MANY = {0: "no block", 1: "one block"}
_PROFILES = set(shipped.ROWS)


def required() -> set[str]:
    """All that the golden files have to show together."""
    return {
        *(_name(kind) for kind in RecordType if kind not in (RecordType.BLOCK, RecordType.METADATA)),
        *(f"metadata: {_name(tag)}" for tag in registry.MetadataTag),
        *(_name(engine) for engine in registry.EngineId),
        *(f"profile {number}" for number in _PROFILES),
        # What a language model predicts in floats is restored only where it was made: no file can be golden.
        *(f"expert: {_name(kind)}" for kind in ExpertKind if kind != ExpertKind.LANGUAGE_MODEL),
        *(f"segment: {_name(kind)}" for kind in SegmentKind if kind != SegmentKind.EXECUTABLE),
        *(f"segment: executable {kind:d}" for kind in InstructionSet),
        *(f"transform: {_name(kind)}" for kind in TransformId),
        *(f"member: {_name(kind)}" for kind in MemberKind),
        *("no block", "one block", "several blocks", "blocks of several sizes", "several streams"),
        *("no index", "unknown record", "unknown metadata", "profile by hash", "profile with a text"),
        *("network by number", "network by hash", "prime by number", "prime by hash"),
        *("lanes", "run", "second run", "segments", "two experts", "two transforms"),
        *("unknown column", "gap", "owners", "attribute sets", "holes", "table in two records"),
    }


def facts(path: Path) -> set[str]:
    """What a file shows, and what its archive does if it is one."""
    data = path.read_bytes()
    found = set(_stream_facts(data))
    if "members" in found:
        found |= set(_member_facts(data))
    return found


def _name(number: IntEnum) -> str:
    return number.name.replace("_", " ").lower()


def _stream_facts(data: bytes) -> Iterator[str]:
    reader, streams = StreamReader(), 1
    reader.feed(data)
    while True:
        yield from _facts_of_stream(reader, data)
        if not reader.buffer:
            break
        reader, streams = reader.next_stream(), streams + 1
    if streams > 1:
        yield "several streams"


def _facts_of_stream(reader: StreamReader, data: bytes) -> Iterator[str]:
    blocks: list[BlockHeader] = []
    types: list[int] = []
    while (event := reader.next_event()) is not None:
        if isinstance(event, Record):
            types.append(event.type)
        elif isinstance(event, Metadata):
            yield from _metadata_facts(event, data)
        elif isinstance(event, BlockHeader):
            blocks.append(event)
    yield from (_name(RecordType(kind)) if kind in set(RecordType) else "unknown record" for kind in types)
    if types.count(RecordType.MEMBERS) > 1:
        yield "table in two records"
    if len(blocks) > 1 and RecordType.INDEX not in types:
        yield "no index"
    yield _MANY.get(len(blocks), "several blocks")
    if len({block.plain_size for block in blocks[:-1]}) > 1:
        yield "blocks of several sizes"
    runs = [block.coding.continues for block in blocks if block.coding is not None and block.coding.keeps]
    if True in runs:
        yield "run"
        if False in runs[runs.index(True) :]:
            yield "second run"
    for block in blocks:
        yield _name(registry.EngineId(block.codec[0]))
        if block.coding is not None:
            yield from _coding_facts(block.coding)


def _metadata_facts(metadata: Metadata, data: bytes) -> Iterator[str]:
    for name in "name", "mode", "mtime", "user", "holes":
        if getattr(metadata, "mtime_ns" if name == "mtime" else name):
            yield f"metadata: {name}"
    if metadata.encode() not in data:  # the record says more than is understood
        yield "unknown metadata"


def _coding_facts(coding: Coding) -> Iterator[str]:
    if isinstance(coding.profile, int):
        yield f"profile {coding.profile}"
    else:
        yield "profile by hash"
        if PROFILES.get(coding.profile).value.text:
            yield "profile with a text"
    if coding.prime != registry.COMPONENT_NONE:
        yield f"prime by {'number' if isinstance(coding.prime, int) else 'hash'}"
    for kind, model, _ in coding.experts:
        yield f"expert: {_name(ExpertKind(kind))}"
        if kind == ExpertKind.BYTE_NETWORK:
            yield f"network by {'number' if isinstance(model, int) else 'hash'}"
    yield from (f"transform: {_name(TransformId(transform.id))}" for transform in coding.transforms)
    for segment in coding.segments:
        is_code = segment.kind == SegmentKind.EXECUTABLE
        yield f"segment: {_name(SegmentKind(segment.kind))}" + (f" {segment.parameter}" if is_code else "")
    yield from (
        fact
        for fact, shown in (
            ("lanes", coding.lanes > 1),
            ("segments", len(coding.segments) > 1),
            ("two experts", len(coding.experts) > 1),
            ("two transforms", len(coding.transforms) > 1),
        )
        if shown
    )


def _member_facts(data: bytes) -> Iterator[str]:
    columns = _columns(data)
    yield from (f"member: {_name(MemberKind(kind))}" for kind in columns.get(MemberColumn.KIND, b""))
    if columns.keys() - set(MemberColumn):
        yield "unknown column"
    if any(columns.get(MemberColumn.GAP, b"")):
        yield "gap"
    for column in MemberColumn.OWNERS, MemberColumn.ATTRIBUTE_SETS, MemberColumn.HOLES:
        if columns.get(column):
            yield _name(column)


def _columns(data: bytes) -> dict[int, bytes]:
    """The columns of an archive's table, as they are in the file."""
    from nzip.archive.archive import read_member_table
    from nzip.pipeline.table import BlockTable

    file = io.BytesIO(data)
    blocks = BlockTable(file, 0)
    cursor = Cursor(read_member_table(file, len(blocks), blocks.coded_end, 1 << 30).data)
    columns = {}
    while cursor.remaining:
        number = cursor.varint()
        columns[number] = cursor.take(cursor.varint())
    return columns
