"""The block header: what the block decodes to, and everything that decoding needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import NamedTuple

from nzip.errors import NzipFormatError, NzipVersionError
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_component, encode_varint
from nzip.format.limits import (
    MAX_BLOCK,
    MAX_ENTRIES,
    MAX_LANES,
    MAX_PARAMETER,
    MAX_TABLE_LOG2,
    MIN_TABLE_LOG2,
)
from nzip.format.record import encode_record
from nzip.format.registry import COMPONENT_NONE, ComponentId, EngineId, ExpertKind, RecordType, SegmentKind


class Flag(IntFlag):
    """Which optional fields follow; a field that is absent has its default."""

    CONTINUES = 1  # the run of the previous block; otherwise the block starts with fresh tables
    KEEPS = 2  # a later block may continue this one, so a decoder must not drop the tables
    LANES = 4
    PRIME = 8
    EXPERTS = 16
    TRANSFORMS = 32
    SEGMENTS = 64


RESERVED_FLAGS = 128


class Expert(NamedTuple):
    """A predictor beside the n-grams."""

    kind: int
    model: ComponentId
    parameters: bytes


class Step(NamedTuple):
    """A transform that the block went through on its way from the plaintext to what the engine codes."""

    id: int  # a TransformId
    size_before: int
    size_after: int


class Segment(NamedTuple):
    """A stretch of what the engine codes, all of one kind."""

    kind: int
    parameter: int
    size: int


@dataclass(frozen=True)
class Coding:
    """How the coded bytes came to be."""

    engine: int
    revision: int
    profile: ComponentId
    table_log2: int
    segments: tuple[Segment, ...]
    lanes: int = 1
    prime: ComponentId = COMPONENT_NONE
    experts: tuple[Expert, ...] = ()
    transforms: tuple[Step, ...] = ()
    continues: bool = False
    keeps: bool = False

    def engine_size(self, plain_size: int) -> int:
        """What the transforms make of a block of ``plain_size`` bytes: the engine input's size."""
        return _size_after(self.transforms, plain_size)

    def same_run(self, other: Coding) -> bool:
        """Whether one engine can code both: segments and transforms may differ from block to block."""
        return self._run_key() == other._run_key()

    def _run_key(self) -> tuple[object, ...]:
        return (
            self.engine,
            self.revision,
            self.profile,
            self.table_log2,
            self.lanes,
            self.prime,
            self.experts,
        )


@dataclass(frozen=True)
class BlockHeader:
    """A block: ``coded_size`` bytes follow the header and decode to ``plain_size`` bytes."""

    plain_size: int
    checksum: int  # XXH3-64 of the plaintext
    coded_size: int
    coding: Coding | None  # None: stored, the bytes that follow are the plaintext

    @property
    def engine_size(self) -> int:
        """Bytes that the engine codes."""
        return self.plain_size if self.coding is None else self.coding.engine_size(self.plain_size)

    @property
    def codec(self) -> tuple[int, int]:
        """The numbers of the engine and of its revision."""
        return (EngineId.STORED, 0) if self.coding is None else (self.coding.engine, self.coding.revision)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The transforms between the plaintext and the engine input."""
        return () if self.coding is None else self.coding.transforms

    @property
    def continues(self) -> bool:
        return self.coding is not None and self.coding.continues

    @property
    def keeps(self) -> bool:
        return self.coding is not None and self.coding.keeps

    def encode(self) -> bytes:
        return encode_record(RecordType.BLOCK, self.body())

    def body(self) -> bytes:
        head = encode_varint(self.plain_size) + self.checksum.to_bytes(8, "little")
        if self.coding is None:
            return head + bytes([EngineId.STORED])
        return head + _encode_coding(self.coding, self.plain_size, self.coded_size)


def _encode_coding(coding: Coding, plain_size: int, coded_size: int) -> bytes:
    engine_size = coding.engine_size(plain_size)
    flags = Flag(0)
    optional = []
    if coding.continues:
        flags |= Flag.CONTINUES
    if coding.keeps:
        flags |= Flag.KEEPS
    if coding.lanes != 1:
        flags |= Flag.LANES
        optional.append(encode_varint(coding.lanes))
    if coding.prime != COMPONENT_NONE:
        flags |= Flag.PRIME
        optional.append(encode_component(coding.prime))
    if coding.experts:
        flags |= Flag.EXPERTS
        optional.append(encode_varint(len(coding.experts)))
        for kind, model, parameters in coding.experts:
            optional += [
                encode_varint(kind),
                encode_component(model),
                encode_varint(len(parameters)),
                parameters,
            ]
    if coding.transforms:
        flags |= Flag.TRANSFORMS
        optional.append(encode_varint(len(coding.transforms)))
        optional += [encode_varint(field) for transform in coding.transforms for field in transform]
    if coding.segments != one_segment(engine_size):
        flags |= Flag.SEGMENTS
        optional.append(encode_segments(coding.segments))
    fixed = bytes([coding.engine]) + encode_varint(coding.revision) + encode_component(coding.profile)
    return fixed + bytes([coding.table_log2, flags]) + encode_varint(coded_size) + b"".join(optional)


def encode_segments(segments: tuple[Segment, ...]) -> bytes:
    fields = [field for segment in segments for field in segment]
    # The last size is what remains.
    return encode_varint(len(segments)) + b"".join(encode_varint(field) for field in fields[:-1])


def _size_after(transforms: tuple[Step, ...], plain_size: int) -> int:
    return transforms[-1].size_after if transforms else plain_size


def parse_block(body: bytes) -> BlockHeader:
    """The header that a block record's body holds."""
    cursor = Cursor(body)
    try:
        plain_size = cursor.varint()
        if not 1 <= plain_size <= MAX_BLOCK:
            raise NzipFormatError(f"a block of {plain_size} bytes; 1 to {MAX_BLOCK} are allowed")
        checksum = cursor.uint(8)
        engine = cursor.uint(1)
        if engine == EngineId.STORED:
            header = BlockHeader(plain_size, checksum, plain_size, None)
        else:
            header = _parse_coded(cursor, plain_size, checksum, engine)
    except ShortInputError:
        raise NzipFormatError("a block header ends inside a field") from None
    if header.body() != body:
        raise NzipFormatError("a block header is not written in its one valid form")
    return header


def _parse_coded(cursor: Cursor, plain_size: int, checksum: int, engine: int) -> BlockHeader:
    revision = cursor.varint()
    profile = cursor.component()
    table_log2 = cursor.uint(1)
    if not MIN_TABLE_LOG2 <= table_log2 <= MAX_TABLE_LOG2:
        raise NzipFormatError(f"a table of 2^{table_log2} bytes")
    bits = cursor.uint(1)
    if bits & RESERVED_FLAGS:
        raise NzipVersionError(f"block flag {(bits & RESERVED_FLAGS).bit_length() - 1} is not known")
    flags = Flag(bits)
    coded_size = cursor.varint()
    if coded_size >= plain_size:
        raise NzipFormatError(f"{coded_size} coded bytes for {plain_size} bytes of plaintext")
    lanes = cursor.varint() if Flag.LANES in flags else 1
    if not 1 <= lanes <= MAX_LANES:
        raise NzipFormatError(f"{lanes} lanes; 1 to {MAX_LANES} are allowed")
    prime = cursor.component() if Flag.PRIME in flags else COMPONENT_NONE
    experts = _parse_experts(cursor) if Flag.EXPERTS in flags else ()
    transforms = _parse_transforms(cursor, plain_size) if Flag.TRANSFORMS in flags else ()
    engine_size = _size_after(transforms, plain_size)
    segments = parse_segments(cursor, engine_size) if Flag.SEGMENTS in flags else one_segment(engine_size)
    coding = Coding(
        engine,
        revision,
        profile,
        table_log2,
        segments,
        lanes,
        prime,
        experts,
        transforms,
        continues=Flag.CONTINUES in flags,
        keeps=Flag.KEEPS in flags,
    )
    return BlockHeader(plain_size, checksum, coded_size, coding)


def _parse_experts(cursor: Cursor) -> tuple[Expert, ...]:
    return tuple(
        Expert(cursor.varint(), cursor.component(), cursor.take(cursor.varint()))
        for _ in range(_count(cursor))
    )


def _parse_transforms(cursor: Cursor, plain_size: int) -> tuple[Step, ...]:
    transforms = tuple(Step(cursor.varint(), cursor.varint(), cursor.varint()) for _ in range(_count(cursor)))
    sizes = [plain_size] + [transform.size_after for transform in transforms]
    if [transform.size_before for transform in transforms] != sizes[:-1]:
        raise NzipFormatError("the sizes of a block's transforms do not fit each other")
    if not 1 <= min(sizes) <= max(sizes) <= MAX_BLOCK:
        raise NzipFormatError(f"a block is transformed to a size that is not 1 to {MAX_BLOCK}")
    return transforms


def parse_segments(cursor: Cursor, engine_size: int) -> tuple[Segment, ...]:
    """The list at the cursor; NzipFormatError unless the sizes sum to ``engine_size``."""
    segments = []
    left = engine_size
    count = _count(cursor)
    for index in range(count):
        kind, parameter = cursor.varint(), cursor.varint()
        if parameter > MAX_PARAMETER:
            raise NzipFormatError(f"a segment's parameter is {parameter}")
        size = left if index == count - 1 else cursor.varint()
        if not 1 <= size <= left:
            raise NzipFormatError("the sizes of a block's segments do not sum to the block's")
        left -= size
        segments.append(Segment(kind, parameter, size))
    return tuple(segments)


def _count(cursor: Cursor) -> int:
    count = cursor.varint()
    # An entry takes many times its coded size in memory, so few bytes must not announce too many.
    if not 1 <= count <= MAX_ENTRIES:
        raise NzipFormatError(f"a list of {count} entries; 1 to {MAX_ENTRIES} are allowed")
    return count


def one_segment(engine_size: int) -> tuple[Segment, ...]:
    """What a block consists of unless its header says otherwise: text."""
    return (Segment(SegmentKind.TEXT, 0, engine_size),)


def hashed_expert(coding: Coding, kind: ExpertKind, what: str) -> tuple[Expert, bytes] | None:
    """A block's one expert of a kind, and the hash that names it; NzipFormatError if several or a number."""
    experts = [expert for expert in coding.experts if expert.kind == kind]
    if not experts:
        return None
    if len(experts) > 1:
        raise NzipFormatError(f"a block has more than one {what}")
    if not isinstance(experts[0].model, bytes):
        raise NzipFormatError(f"a {what} is named by a number")
    return experts[0], experts[0].model
