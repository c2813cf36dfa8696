"""The structure of a file, from its headers alone."""

from __future__ import annotations

import os
from typing import BinaryIO

from nzip.errors import EMPTY, NzipFormatError, NzipTruncatedError
from nzip.format.block import BlockHeader
from nzip.format.description import BlockInfo, StreamInfo
from nzip.format.header import StreamHeader
from nzip.format.metadata import Metadata
from nzip.format.reader import Event, StreamReader
from nzip.format.record import Record
from nzip.format.recovery import parse_recovery
from nzip.format.registry import RecordType

READ_SIZE = 1 << 12  # about what a header takes: the payloads between them are jumped over


def scan_file(file: BinaryIO) -> list[StreamInfo]:
    """Every stream from the file's position on, checked as far as that goes without decoding blocks."""
    reader = StreamReader()
    stream = StreamInfo(file.tell() if file.seekable() else 0)
    streams = [stream]
    while True:
        start = reader.position
        if (event := reader.next_event()) is not None:
            _describe(stream, event, start, reader.position)
            if isinstance(event, BlockHeader):
                _skip(file, reader.skip_payload())
        elif not reader.eof:
            if not _feed(reader, file):
                is_empty = len(streams) == 1 and reader.position == 0 and not reader.buffer
                raise NzipTruncatedError(EMPTY if is_empty else "the data end before the stream does")
        elif reader.buffer or _feed(reader, file):
            reader = reader.next_stream()
            stream = StreamInfo(stream.offset + stream.total_coded)
            streams.append(stream)
        else:
            return streams


def closing_records(file: BinaryIO, more: int) -> bytes:
    """What ends a stream of which a file, from its position on, holds all else but ``more`` bytes of records.

    Raises an NzipError when that is no beginning of a stream.
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


def _describe(stream: StreamInfo, event: Event, start: int, end: int) -> None:
    """Adds an event that lies between two positions of the stream."""
    if isinstance(event, StreamHeader):
        stream.header = event
    elif isinstance(event, Metadata):
        stream.metadata = event
    elif isinstance(event, BlockHeader):
        stream.blocks.append(BlockInfo(stream.offset + start, end - start, event))
    elif isinstance(event, Record) and event.type == RecordType.INDEX:
        stream.has_index = True
    elif isinstance(event, Record) and event.type == RecordType.RECOVERY and stream.recovery is None:
        stream.recovery = parse_recovery(event.body).geometry.percent
    stream.total_coded = end


def _feed(reader: StreamReader, file: BinaryIO) -> bool:
    data = file.read(READ_SIZE)
    reader.feed(data)
    return bool(data)


def _skip(file: BinaryIO, size: int) -> None:
    if file.seekable():
        file.seek(size, 1)
        return
    while size and (data := file.read(min(size, 1 << 16))):
        size -= len(data)
