"""Where the member table stands in a file: coded in LZMA2, in records behind the last block."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO, NamedTuple

from nzip.errors import EMPTY, NzipError, NzipFormatError, NzipMemoryError, NzipTruncatedError
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.end import END_SIZE, parse_end
from nzip.format.header import parse_stream_header
from nzip.format.limits import MAX_BODY, MAX_SIZE
from nzip.format.locate import locate_blocks
from nzip.format.record import Record, encode_record, parse_record
from nzip.format.recovery import parse_recovery
from nzip.format.registry import RecordType
from nzip.streams import read_some

READ_SIZE = 1 << 18

_DICTIONARY = 1 << 22


def pack_table(table: bytes) -> bytes:
    """A member table as LZMA2 chunks, without a frame."""
    import lzma  # slow to import, and most files are no archives

    filters = _filters(preset=9 | lzma.PRESET_EXTREME, lc=1, pb=0)  # a table is made of bytes, not of words
    return lzma.compress(table, lzma.FORMAT_RAW, filters=filters)


def encode_member_records(table: bytes) -> bytes:
    """The records that hold a member table."""
    coded = pack_table(table)
    return b"".join(
        encode_record(RecordType.MEMBERS, coded[start : start + MAX_BODY])
        for start in range(0, len(coded), MAX_BODY)
    )


def decode_member_records(records: bytes, memory_limit: int) -> bytes:
    """The member table in records that follow one another; errors as those of ``read_member_table``."""
    cursor = Cursor(records)
    coded = bytearray()
    while cursor.remaining:
        coded += parse_record(cursor, records).body
    return unpack_table(coded, memory_limit)


class MemberTable(NamedTuple):
    """What the records behind the last block of an archive say."""

    data: bytes  # the table
    recovery: float  # percent of the archive that recovery records restore; 0 without any


def read_member_table(file: BinaryIO, blocks: int, start: int, memory_limit: int) -> MemberTable:
    """The member table of a file of ``blocks`` blocks, the last of which ends at ``start`` (0: no block).

    Raises NzipFormatError when there is no table or the file has more than one stream, and NzipMemoryError
    before the table takes more than the limit.
    """
    coded = bytearray()
    found = False
    recovery = 0.0
    for record in _last_records(file, blocks, start):
        if record.type == RecordType.MEMBERS:
            found = True
            coded += record.body
            if len(coded) > memory_limit:
                raise NzipMemoryError(len(coded), memory_limit)
        elif record.type == RecordType.RECOVERY:
            recovery = parse_recovery(record.body).geometry.percent
    if not found:
        raise NzipFormatError("no archive of several files: it has no member table")
    return MemberTable(unpack_table(coded, memory_limit), recovery)


def has_member_table(file: BinaryIO) -> bool:
    """Whether a file that can be sought in is an archive; False where damage hides it."""
    try:
        blocks, _ = locate_blocks(file)
        end = blocks.coded_end or 0
        return any(record.type == RecordType.MEMBERS for record in _last_records(file, len(blocks), end))
    except NzipError:
        return False


def _last_records(file: BinaryIO, blocks: int, start: int) -> Iterator[Record]:
    """The records from ``start`` to the end of the stream, where the file must end, too."""
    file.seek(start)
    data = bytearray(read_some(file, READ_SIZE))
    if start == 0 and not data:
        raise NzipTruncatedError(EMPTY)
    cursor = Cursor(data)
    if start == 0:
        with suppress(ShortInputError):  # then no record follows either
            parse_stream_header(cursor, data)
    while True:
        del data[: cursor.position]
        cursor = Cursor(data)
        try:
            record = parse_record(cursor, data)
        except ShortInputError:
            if not (more := read_some(file, READ_SIZE)):
                raise NzipTruncatedError("the data end before the stream does") from None
            cursor = Cursor(data)
            data += more
            continue
        if record.type in (RecordType.END, RecordType.END_ONE):
            break
        yield record
        if record.type == RecordType.RECOVERY and blocks != 1:
            _check_alone(file)
            return
    is_alone = blocks == 1
    if record.type == RecordType.END:
        is_alone = parse_end(record.body).stream_size == file.tell() - cursor.remaining
    if not is_alone or cursor.remaining or read_some(file, 1):
        raise NzipFormatError("an archive is one stream, and this file has several")


def _check_alone(file: BinaryIO) -> None:
    """NzipFormatError unless the file is one stream.

    Recovery records behind the table may be long, so only the end record is read: it has the stream's size.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - END_SIZE))
    data = file.read(END_SIZE)
    try:
        record = parse_record(Cursor(data), data)
    except ShortInputError:
        raise NzipTruncatedError("the data end before the stream does") from None
    if record.type != RecordType.END or parse_end(record.body).stream_size != size:
        raise NzipFormatError("an archive is one stream, and this file has several")


def unpack_table(coded: bytes | bytearray, memory_limit: int) -> bytes:
    """Reverts ``pack_table``; errors as those of ``read_member_table``."""
    import lzma

    decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_filters())
    most = max(0, min(memory_limit - len(coded), MAX_SIZE))
    try:
        table = decoder.decompress(coded, max_length=most)
    except lzma.LZMAError:
        raise NzipFormatError("the member table does not decode") from None
    if not decoder.eof and len(table) >= most:
        raise NzipMemoryError(memory_limit + 1, memory_limit)
    if not decoder.eof or decoder.unused_data:
        raise NzipFormatError("the member table does not decode")
    return table


def _filters(**options: int) -> list[dict[str, Any]]:
    import lzma

    return [{"id": lzma.FILTER_LZMA2, "dict_size": _DICTIONARY, **options}]
