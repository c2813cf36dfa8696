"""Where the blocks of a seekable file are: from the index when there is one, else by a scan."""

from __future__ import annotations

import os
from typing import BinaryIO, NamedTuple

from nzip.errors import NzipError, NzipFormatError, NzipTruncatedError
from nzip.format.block import BlockHeader, parse_block
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.end import END_SIZE, End, parse_end
from nzip.format.header import parse_stream_header
from nzip.format.index import parse_index
from nzip.format.limits import MAX_BODY
from nzip.format.record import Record, parse_record
from nzip.format.registry import RecordType
from nzip.format.scan import READ_SIZE, scan_file

MAX_STREAM_HEADER = 16


class BlockLocation(NamedTuple):
    """A block in the file and its plaintext in the file's plaintext."""

    start: int
    size: int  # header included
    plain_start: int
    plain_size: int
    continues: bool


def locate_blocks(file: BinaryIO, start: int = 0) -> list[BlockLocation]:
    """The blocks of all streams from ``start`` to the file's end."""
    try:
        found = _by_index(file, start)
    except (NzipError, ShortInputError):  # no index, or a damaged one: the headers tell the same
        found = _by_scan(file, start)
    blocks = []
    plain_start = 0
    for block_start, size, plain_size, continues in found:
        blocks.append(BlockLocation(block_start, size, plain_start, plain_size, continues))
        plain_start += plain_size
    return blocks


_Found = list[tuple[int, int, int, bool]]


def _by_scan(file: BinaryIO, start: int) -> _Found:
    file.seek(start)
    return [
        (block.offset, block.size, block.header.plain_size, block.header.continues)
        for stream in scan_file(file)
        for block in stream.blocks
    ]


def _by_index(file: BinaryIO, start: int) -> _Found:
    """Goes from stream to stream, last first."""
    streams: list[_Found] = []
    position = file.seek(0, os.SEEK_END)
    while position > start:
        end = parse_end(_read_record(file, position - END_SIZE, END_SIZE, RecordType.END).body)
        stream_start = position - end.stream_size
        if stream_start < start:
            raise NzipFormatError("the stream begins before the file does")
        header = _read(file, stream_start, MAX_STREAM_HEADER)
        parse_stream_header(Cursor(header), header)
        streams.append(_stream_blocks(file, stream_start, position - END_SIZE, end))
        position = stream_start
    return [block for stream in reversed(streams) for block in stream]


def _stream_blocks(file: BinaryIO, stream_start: int, index_end: int, end: End) -> _Found:
    index_start = index_end - end.index_size
    if index_start <= stream_start:
        raise NzipFormatError("the index begins before the stream does")
    record = _read_record(file, index_start, end.index_size, RecordType.INDEX)
    found = []
    position = stream_start
    for gap, size, plain_size, continues in parse_index(
        record.body, index_start - stream_start, end.plain_size
    ):
        position += gap
        found.append((position, size, plain_size, continues))
        position += size
    return found


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
    return file.read(size)


def read_block_header(file: BinaryIO, block: BlockLocation) -> BlockHeader:
    """The header of a block; the file is then at its payload."""
    file.seek(block.start)
    data = b""
    while more := file.read(READ_SIZE):
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
