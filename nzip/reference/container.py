"""Streams and records: a file's frame (docs/format/container.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import xxhash

from nzip.errors import NzipChecksumError, NzipFormatError, NzipTruncatedError, NzipVersionError
from nzip.reference.block_header import CONTEXT_MIXING, STORED, BlockHeader, read_block_header
from nzip.reference.cursor import Cursor

_MAGIC = b"\x9enz\n"
_LEAD = b"\x9e"
_VERSION = 1
_MOST_OF_A_BODY = 2**24

_BLOCK, _INDEX, _END, _END_ONE = 0x01, 0x02, 0x03, 0x04
_METADATA, _MEMBERS, _PRIME = 0x80, 0x81, 0x82
_SKIPPABLE = 0x80


@dataclass(frozen=True)
class Block:
    """``at`` and ``end``: where record and coded bytes lie, from the start of the stream."""

    header: BlockHeader
    coded: bytes
    at: int
    end: int


@dataclass(frozen=True)
class PrimeText:
    """A prime record: a text, named by its digest, as a block would have it."""

    digest: bytes
    header: BlockHeader
    coded: bytes


@dataclass
class Stream:
    blocks: list[Block] = field(default_factory=list)
    prime: PrimeText | None = None
    metadata: dict[int, bytes] = field(default_factory=dict)
    members: list[bytes] = field(default_factory=list)
    """The bodies of the members records that follow the last block."""


def xxh3(data: bytes) -> int:
    return xxhash.xxh3_64_intdigest(data)


def read_streams(data: bytes) -> Iterator[Stream]:
    """The streams of a file, whose frame is verified; no block is decoded."""
    if not data:
        raise NzipTruncatedError("the input is empty")
    at = 0
    while at < len(data):
        reader = _StreamReader(data, at)
        yield reader.read()
        at = reader.cursor.at


class _StreamReader:
    def __init__(self, data: bytes, start: int) -> None:
        self.cursor = Cursor(data, start, complete=False)
        self._start = start
        self._stream = Stream()
        self._seen: set[int] = set()
        self._index_size = 0

    def read(self) -> Stream:
        self._header()
        while True:
            at = self.cursor.at
            lead, kind = self.cursor.take(1), self.cursor.number(1)
            if lead != _LEAD or kind == _MAGIC[1]:
                raise NzipFormatError("no record where one must begin")
            if kind == _END_ONE:
                if len(self._stream.blocks) != 1 or self._index_size:
                    raise NzipFormatError("a short end record behind more or less than one block")
                return self._stream
            body = self._body(at)
            if self._index_size and kind != _END:
                raise NzipFormatError("the index is not followed by the end")
            if kind == _END:
                self._end(body)
                return self._stream
            self._record(kind, body, at)

    def _header(self) -> None:
        cursor = self.cursor
        magic = cursor.data[cursor.at : cursor.at + 4]
        if magic != _MAGIC[: len(magic)]:
            first = self._start == 0
            raise NzipFormatError("not nzip data" if first else "bytes follow that begin no stream")
        cursor.take(4)
        version, features = cursor.number(1), cursor.varint()
        checked = cursor.data[self._start : cursor.at]
        if cursor.number(2) != xxh3(checked) & 0xFFFF:
            raise NzipChecksumError("the stream header is damaged")
        if version != _VERSION:
            raise NzipVersionError(f"container version {version} is not known")
        if features:
            raise NzipVersionError(f"feature {(features & -features).bit_length() - 1} is not known")

    def _body(self, at: int) -> bytes:
        """The body of the record at a place; its check is verified."""
        size = self.cursor.varint(_MOST_OF_A_BODY)
        body = self.cursor.take(size)
        checked = self.cursor.data[at : self.cursor.at]
        if self.cursor.number(4) != xxh3(checked) & 0xFFFFFFFF:
            raise NzipChecksumError("a record is damaged")
        return body

    def _record(self, kind: int, body: bytes, at: int) -> None:
        stream = self._stream
        if kind == _BLOCK:
            self._block(body, at)
        elif kind == _INDEX:
            if len(stream.blocks) < 2:
                raise NzipFormatError("an index of fewer than two blocks")
            self._index_size = self.cursor.at - at
            _compare_index(body, stream.blocks)
        elif kind in (_METADATA, _PRIME):
            if kind in self._seen or stream.blocks:
                raise NzipFormatError("metadata or a prime record where none may be")
            self._seen.add(kind)
            if kind == _METADATA:
                stream.metadata = _read_metadata(body)
            else:
                stream.prime = _read_prime(body)
        elif kind == _MEMBERS:
            stream.members.append(body)
        elif kind < _SKIPPABLE:
            raise NzipVersionError(f"records of type {kind} are not known")

    def _block(self, body: bytes, at: int) -> None:
        cursor = Cursor(body)
        header = read_block_header(cursor)
        cursor.end()
        stream = self._stream
        if header.continues:
            before = stream.blocks[-1].header if stream.blocks else None
            if before is None or not before.keeps or before.run != header.run:
                raise NzipFormatError("a block continues a run that there is not")
        stream.members.clear()
        start = at - self._start
        coded = self.cursor.take(header.coded_size)
        stream.blocks.append(Block(header, coded, start, self.cursor.at - self._start))

    def _end(self, body: bytes) -> None:
        blocks = self._stream.blocks
        if len(blocks) == 1:
            raise NzipFormatError("a long end record behind one block")
        cursor = Cursor(body)
        plain_size, checksum, stream_size, index_size = (cursor.number(8) for _ in range(4))
        cursor.end()
        total = sum(block.header.plain_size for block in blocks)
        numbers = [*(block.header.checksum for block in blocks), total]
        hashed = xxh3(b"".join(number.to_bytes(8, "little") for number in numbers))
        found = total, hashed, self.cursor.at - self._start, self._index_size
        if found != (plain_size, checksum, stream_size, index_size):
            raise NzipChecksumError("the blocks are not those that the end record tells of")


def _compare_index(body: bytes, blocks: list[Block]) -> None:
    cursor = Cursor(body)
    behind = 0
    for block in blocks:
        entry = cursor.varint(), cursor.varint(), cursor.varint()
        plain = 2 * block.header.plain_size + block.header.continues
        if entry != (block.at - behind, block.end - block.at, plain):
            raise NzipFormatError("the index is not that of the blocks")
        behind = block.end
    cursor.end()


def _read_metadata(body: bytes) -> dict[int, bytes]:
    cursor = Cursor(body)
    fields: dict[int, bytes] = {}
    while cursor:
        tag = cursor.varint()
        if tag in fields and tag != 4:
            raise NzipFormatError(f"metadata have the tag {tag} twice")
        fields[tag] = cursor.take(cursor.varint())
    return fields


def _read_prime(body: bytes) -> PrimeText:
    cursor = Cursor(body)
    digest = cursor.take(32)
    inner = Cursor(cursor.take(cursor.varint()))
    header = read_block_header(inner)
    inner.end()
    coded = cursor.rest()
    run = header.continues or header.keeps or header.prime or header.experts
    named = header.engine == CONTEXT_MIXING and isinstance(header.profile, bytes)
    if run or named or header.plain_size > _MOST_OF_A_BODY or len(coded) != header.coded_size:
        raise NzipFormatError("a prime record that breaks a rule")
    if header.engine == STORED and len(coded) != header.plain_size:
        raise NzipFormatError("a prime record that breaks a rule")
    return PrimeText(digest, header, coded)
