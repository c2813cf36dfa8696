"""The structure of a file, from its headers alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from nzip.errors import EMPTY, NzipFormatError, NzipMemoryError, NzipTruncatedError
from nzip.format.block import BlockHeader
from nzip.format.description import BlockInfo, StreamInfo
from nzip.format.header import StreamHeader
from nzip.format.limits import MAX_SIZE
from nzip.format.metadata import Metadata
from nzip.format.reader import Event, StreamReader
from nzip.format.record import Record
from nzip.format.recovery import parse_recovery
from nzip.format.registry import RecordType
from nzip.streams import read_some

# Bytes of memory that the objects of a description take at most.
STREAM_MEMORY, BLOCK_MEMORY, ENTRY_MEMORY, PAIR_MEMORY = 1000, 1200, 300, 200

READ_SIZE = 1 << 12  # bytes read at once: about a header, for payloads are jumped over


def walk_file(file: BinaryIO) -> Iterator[tuple[Event, int, int]]:
    """The events of all streams from the file's position on, each with its start and end in the file.

    Payloads are passed over: the event of a block is its header, and ends where the payload does. All that
    can be checked without decoding blocks is checked, with the errors of a reader that reads in order.
    """
    reader = StreamReader()
    offset = file.tell() if file.seekable() else 0
    while True:
        start = reader.position
        if (event := reader.next_event()) is not None:
            yield event, offset + start, offset + reader.position
            if isinstance(event, BlockHeader):
                _skip(file, reader.skip_payload())
        elif not reader.eof:
            if not _feed(reader, file):
                is_empty = reader.position == 0 and not reader.buffer
                raise NzipTruncatedError(EMPTY if is_empty else "the data end before the stream does")
        elif reader.buffer or _feed(reader, file):
            offset += reader.position
            reader = reader.next_stream()
        else:
            return


def closing_records(file: BinaryIO, more: int) -> bytes:
    """The records that end a stream which a file holds, from its position on, up to its last records.

    ``more`` bytes of records will stand between the file's end and the records that are returned. Raises an
    NzipError when the file holds no beginning of a stream.
    """
    reader = StreamReader()
    while True:
        if (event := reader.next_event()) is None:
            if reader.eof or not _feed(reader, file):
                break
        elif isinstance(event, BlockHeader):
            file.seek(reader.skip_payload(), os.SEEK_CUR)
    if reader.eof or reader.buffer:
        raise NzipFormatError("what was restored is not the beginning of a stream")
    return reader.closing(more)


def scan_file(file: BinaryIO, memory_limit: int = MAX_SIZE) -> list[StreamInfo]:
    """A description of every stream; NzipMemoryError when that takes more than the limit, in bytes."""
    streams: list[StreamInfo] = []
    left = memory_limit
    for event, start, end in walk_file(file):
        left -= _memory(event)
        if left < 0:
            raise NzipMemoryError(memory_limit - left, memory_limit)
        if isinstance(event, StreamHeader):
            streams.append(StreamInfo(start, header=event))
        stream = streams[-1]
        if isinstance(event, Metadata):
            stream.metadata = event
        elif isinstance(event, BlockHeader):
            stream.blocks.append(BlockInfo(start, end - start, event))
        elif isinstance(event, Record) and event.type == RecordType.INDEX:
            stream.has_index = True
        elif isinstance(event, Record) and event.type == RecordType.RECOVERY and stream.recovery is None:
            stream.recovery = parse_recovery(event.body).geometry.percent
        stream.total_coded = end - stream.offset
    return streams


def _memory(event: Event) -> int:
    """Bytes of memory that a description takes at most for an event."""
    if isinstance(event, StreamHeader):
        return STREAM_MEMORY
    if isinstance(event, Metadata):
        return sum(len(key) + len(value) + PAIR_MEMORY for key, value in event.user)
    if not isinstance(event, BlockHeader):
        return 0
    coding = event.coding
    if coding is None:
        return BLOCK_MEMORY
    entries = len(coding.segments) + len(coding.experts) + len(coding.transforms)
    parameters = sum(len(expert.parameters) for expert in coding.experts)
    return BLOCK_MEMORY + ENTRY_MEMORY * entries + parameters


def _feed(reader: StreamReader, file: BinaryIO) -> bool:
    data = read_some(file, READ_SIZE)
    reader.feed(data)
    return bool(data)


def _skip(file: BinaryIO, size: int) -> None:
    if file.seekable():
        file.seek(size, 1)
        return
    while size and (data := read_some(file, min(size, 1 << 16))):
        size -= len(data)
