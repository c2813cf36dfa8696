"""Where the blocks of a seekable file are: from the index when there is one, else by a scan."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from nzip.errors import NzipError, NzipFormatError, NzipMemoryError, NzipTruncatedError
from nzip.format.block import BlockHeader, parse_block
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.end import END_SIZE, End, parse_end
from nzip.format.header import parse_stream_header
from nzip.format.index import IndexEntry, parse_index
from nzip.format.limits import MAX_BODY, MAX_SIZE
from nzip.format.record import Record, parse_record
from nzip.format.registry import RecordType
from nzip.format.scan import READ_SIZE, walk_file
from nzip.streams import read_all, read_some

MAX_STREAM_HEADER = 16


class BlockLocation(NamedTuple):
    """Where a block stands in the file, and where its plaintext stands in the file's plaintext."""

    start: int
    size: int  # header included
    plain_start: int
    plain_size: int
    continues: bool


class BlockMap:
    """The places of a file's blocks, in order. Compact, for a hostile file has a block in every 28 bytes."""

    MEMORY = 40  # bytes of memory for each block, room to grow included

    def __init__(self, memory_limit: int = MAX_SIZE) -> None:
        self._most = memory_limit // self.MEMORY
        self._starts = array("Q")
        self._sizes = array("Q")
        self._plain_starts = array("Q", [0])  # and where the last block's plaintext ends
        self._continues = bytearray()

    def add(self, start: int, size: int, plain_size: int, continues: bool) -> None:
        """Add the block behind the others; NzipMemoryError when that takes more than the limit."""
        if len(self._starts) >= self._most:
            raise NzipMemoryError((self._most + 1) * self.MEMORY, self._most * self.MEMORY)
        self._starts.append(start)
        self._sizes.append(size)
        self._plain_starts.append(self._plain_starts[-1] + plain_size)
        self._continues.append(continues)

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, number: int) -> BlockLocation:
        plain_start = self._plain_starts[number]
        return BlockLocation(
            self._starts[number],
            self._sizes[number],
            plain_start,
            self._plain_starts[number + 1] - plain_start,
            bool(self._continues[number]),
        )

    @property
    def plain_size(self) -> int:
        """Bytes of plaintext of all blocks."""
        return self._plain_starts[-1]

    @property
    def coded_end(self) -> int | None:
        """Where the last block ends in the file; None where there is none."""
        return self._starts[-1] + self._sizes[-1] if self._starts else None

    def plain_start(self, number: int) -> int:
        """Where a block begins in the plaintext; for the number of blocks, where the plaintext ends."""
        return self._plain_starts[number]

    def block_at(self, position: int) -> int:
        """The number of the block that holds a byte of the plaintext; at the plaintext's end, of blocks."""
        return bisect_right(self._plain_starts, position) - 1

    def continues(self, number: int) -> bool:
        """Whether the block goes on with the run of the one before it."""
        return bool(self._continues[number])


def locate_blocks(file: BinaryIO, start: int = 0, memory_limit: int = MAX_SIZE) -> tuple[BlockMap, bool]:
    """The blocks of all streams from ``start`` to the file's end, and whether all headers were seen.

    If not, the indexes told the places. NzipMemoryError when the map takes more than the limit.
    """
    try:
        return _by_index(file, start, memory_limit), False
    except NzipMemoryError:
        raise
    except (NzipError, ShortInputError):  # no index, or a damaged one: the headers tell the same
        return _by_scan(file, start, memory_limit), True


def check_structure(file: BinaryIO, start: int = 0) -> None:
    """Raises an NzipError where the headers, records and ends from ``start`` on contradict one another."""
    file.seek(start)
    for _ in walk_file(file):
        pass


def _by_scan(file: BinaryIO, start: int, memory_limit: int) -> BlockMap:
    file.seek(start)
    found = BlockMap(memory_limit)
    for event, begin, end in walk_file(file):
        if isinstance(event, BlockHeader):
            found.add(begin, end - begin, event.plain_size, event.continues)
    return found


def _by_index(file: BinaryIO, start: int, memory_limit: int) -> BlockMap:
    """By the streams' ends, from the last to the first, and then by their indexes, first to last."""
    starts = array("Q")  # the file's end, and where the streams begin, last first
    position = file.seek(0, os.SEEK_END)
    starts.append(position)
    while position > start:
        position -= _end_before(file, position).stream_size
        if position < start:
            raise NzipFormatError("the stream begins before the file does")
        header = _read(file, position, MAX_STREAM_HEADER)
        parse_stream_header(Cursor(header), header)
        starts.append(position)
    found = BlockMap(memory_limit)
    for end, begin in zip(starts[-2::-1], starts[:0:-1], strict=True):
        block_start = begin
        for gap, size, plain_size, continues in _entries(file, begin, end):
            found.add(block_start + gap, size, plain_size, continues)
            block_start += gap + size
    return found


def _end_before(file: BinaryIO, position: int) -> End:
    """The end record of the stream that ends at ``position``."""
    end = parse_end(_read_record(file, position - END_SIZE, END_SIZE, RecordType.END).body)
    if end.index_size == 0:
        raise ShortInputError
    if end.stream_size <= END_SIZE + end.index_size:
        raise NzipFormatError("the index begins before the stream does")
    return end


def _entries(file: BinaryIO, stream_start: int, stream_end: int) -> Iterator[IndexEntry]:
    end = _end_before(file, stream_end)
    index_start = stream_end - END_SIZE - end.index_size
    record = _read_record(file, index_start, end.index_size, RecordType.INDEX)
    return parse_index(record.body, index_start - stream_start, end.plain_size)


def _read_record(file: BinaryIO, start: int, size: int, record_type: RecordType) -> Record:
    data = _read(file, start, size)
    record = parse_record(Cursor(data), data)
    if record.type != record_type:
        raise ShortInputError
    return record


def _read(file: BinaryIO, start: int, size: int) -> bytes:
    if start < 0 or size > MAX_BODY + END_SIZE:
        raise ShortInputError
    file.seek(start)
    return read_all(file, size)


def read_block_header(file: BinaryIO, block: BlockLocation) -> BlockHeader:
    """The header of a block; the file is then at its payload."""
    file.seek(block.start)
    data = b""
    while more := read_some(file, READ_SIZE):
        data += more
        cursor = Cursor(data)
        try:
            record = parse_record(cursor, data)
        except ShortInputError:
            continue
        header = parse_block(record.body) if record.type == RecordType.BLOCK else None
        if header is None or block != block._replace(
            size=cursor.position + header.coded_size, plain_size=header.plain_size, continues=header.continues
        ):
            raise NzipFormatError("the index does not describe the stream's blocks")
        file.seek(block.start + cursor.position)
        return header
    raise NzipTruncatedError("the file ends inside a block header")
