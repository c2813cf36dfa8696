"""Block headers (docs/format/container.md, Block)."""

from __future__ import annotations

from dataclasses import dataclass

from nzip.errors import NzipFormatError, NzipVersionError
from nzip.reference.cursor import Cursor

STORED, CONTEXT_MIXING, ARRAYS = 0, 1, 2

_CONTINUES, _KEEPS, _LANES, _PRIME, _EXPERTS, _TRANSFORMS, _SEGMENTS, _RESERVED = (1 << i for i in range(8))
_MOST_BYTES = 2**30

Component = int | bytes


@dataclass(frozen=True)
class Expert:
    kind: int
    model: Component
    parameters: bytes


@dataclass(frozen=True)
class Transform:
    id: int
    before: int
    after: int


@dataclass(frozen=True)
class Segment:
    kind: int
    parameter: int
    size: int


@dataclass(frozen=True)
class BlockHeader:
    """The fields of a block header; those from ``revision`` on have no meaning for a stored block."""

    plain_size: int
    checksum: int
    engine: int
    revision: int = 0
    profile: Component = 0
    table_size: int = 0
    continues: bool = False
    keeps: bool = False
    coded_size: int = 0
    lanes: int = 1
    prime: Component = 0
    experts: tuple[Expert, ...] = ()
    transforms: tuple[Transform, ...] = ()
    segments: tuple[Segment, ...] = ()

    @property
    def engine_size(self) -> int:
        """How many bytes the engine codes."""
        return self.transforms[-1].after if self.transforms else self.plain_size

    @property
    def run(self) -> tuple[object, ...]:
        """What all blocks of a run have alike."""
        fields = self.engine, self.revision, self.profile, self.table_size
        return *fields, self.lanes, self.prime, self.experts


def read_block_header(cursor: Cursor) -> BlockHeader:
    """The header that a cursor stands at; NzipFormatError or NzipVersionError if it breaks a rule."""
    plain_size = cursor.varint(_MOST_BYTES, 1)
    checksum = cursor.number(8)
    engine = cursor.number(1)
    if engine == STORED:
        return BlockHeader(plain_size, checksum, engine, coded_size=plain_size)
    revision = cursor.varint()
    profile = cursor.component()
    table_size = cursor.number(1)
    if not 16 <= table_size <= 34:
        raise NzipFormatError(f"a table of 2^{table_size} bytes")
    flags = cursor.number(1)
    if flags & _RESERVED:
        raise NzipVersionError("a block has the flag 7, which is not known")
    coded_size = cursor.varint(plain_size - 1)
    lanes = cursor.varint(1024, 2) if flags & _LANES else 1
    prime = cursor.component() if flags & _PRIME else 0
    if flags & _PRIME and prime == 0:
        raise NzipFormatError("a block names no prime")
    experts = _experts(cursor) if flags & _EXPERTS else ()
    transforms = _transforms(cursor, plain_size) if flags & _TRANSFORMS else ()
    size = transforms[-1].after if transforms else plain_size
    segments = read_segments(cursor, size) if flags & _SEGMENTS else ()
    plain = (Segment(0, 0, size),)
    if segments == plain:
        raise NzipFormatError("a block lists the one segment that it would have anyway")
    return BlockHeader(
        plain_size,
        checksum,
        engine,
        revision,
        profile,
        table_size,
        bool(flags & _CONTINUES),
        bool(flags & _KEEPS),
        coded_size,
        lanes,
        prime,
        experts,
        transforms,
        segments or plain,
    )


def _experts(cursor: Cursor) -> tuple[Expert, ...]:
    return tuple(
        Expert(cursor.varint(), cursor.component(), cursor.take(cursor.varint()))
        for _ in range(cursor.count())
    )


def _transforms(cursor: Cursor, plain_size: int) -> tuple[Transform, ...]:
    transforms: list[Transform] = []
    before = plain_size
    for _ in range(cursor.count()):
        transform = Transform(cursor.varint(), cursor.varint(_MOST_BYTES, 1), cursor.varint(_MOST_BYTES, 1))
        if transform.before != before:
            raise NzipFormatError("the sizes of transforms do not fit")
        transforms.append(transform)
        before = transform.after
    return tuple(transforms)


def read_segments(cursor: Cursor, size: int) -> tuple[Segment, ...]:
    """A list of segments, which have so many bytes together."""
    segments: list[Segment] = []
    left = size
    count = cursor.count()
    for number in range(count):
        kind, parameter = cursor.varint(), cursor.varint(2**32 - 1)
        here = left if number == count - 1 else cursor.varint(least=1)
        if here > left or here == 0:
            raise NzipFormatError("segments have more bytes than there are")
        segments.append(Segment(kind, parameter, here))
        left -= here
    return tuple(segments)
