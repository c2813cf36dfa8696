"""Reading a stream that arrives in pieces of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nzip.errors import NzipChecksumError, NzipFormatError, NzipVersionError
from nzip.format.account import Account
from nzip.format.block import BlockHeader, parse_block
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.end import parse_end
from nzip.format.header import StreamHeader, parse_stream_header, starts_stream
from nzip.format.metadata import Metadata, parse_metadata
from nzip.format.record import Record, parse_record
from nzip.format.registry import SKIPPABLE, RecordType

if TYPE_CHECKING:
    from typing_extensions import Buffer

# What a stream consists of, in the reader's eyes. Bytes are the payload of the block header before them;
# a record is the index, the end, a prime, or one that this version skips.
Event = StreamHeader | Metadata | BlockHeader | bytes | Record


_FIRST_ONLY = frozenset({RecordType.METADATA, RecordType.PRIME})


class StreamReader:
    """Turns the bytes of one stream into events, and checks that they fit each other.

    Only bytes that were fed are ever held, so a forged length costs nothing.
    """

    def __init__(self, buffer: bytearray | None = None) -> None:
        self.eof = False
        self.buffer = bytearray() if buffer is None else buffer  # what was fed and belongs to no event yet
        self._account = Account()
        self._started = False
        self._seen: set[int] = set()  # types of records that a stream has once, and before its blocks
        self._payload_size: int | None = None  # of the block whose header was returned last

    @property
    def position(self) -> int:
        """Where in the stream the next event begins; behind the block when its payload comes next."""
        return self._account.position

    def next_stream(self) -> StreamReader:
        """The reader of the next stream, at this stream's end and when more bytes follow.

        Raises NzipFormatError where they do not begin a stream.
        """
        if not starts_stream(self.buffer):
            raise NzipFormatError("data that are not nzip's follow the last stream")
        return StreamReader(self.buffer)

    def closing(self, more: int) -> bytes:
        """The records that end the stream behind what was read and ``more`` bytes of records."""
        self._account.position += more
        return self._account.closing()

    def feed(self, data: Buffer) -> None:
        self.buffer += data

    def next_event(self) -> Event | None:
        """The next event; None when more bytes must be fed first, or the stream is over."""
        if self.eof:
            return None
        if self._payload_size is not None:
            return self._payload(self._payload_size)
        cursor = Cursor(self.buffer)
        try:
            if not self._started:
                header = parse_stream_header(cursor, self.buffer)
                self._started = True
                self._consume(cursor.position)
                return header
            record = parse_record(cursor, self.buffer)
        except ShortInputError:
            return None
        return self._interpret(record, cursor.position)

    def skip_payload(self) -> int:
        """Pass over the payload that comes next; the number of its bytes that were not fed yet.

        The caller must not feed these bytes, but go on with those behind them.
        """
        size = self._payload_size or 0
        missing = max(0, size - len(self.buffer))
        del self.buffer[: size - missing]
        self._payload_size = None
        return missing

    def _payload(self, size: int) -> bytes | None:
        if len(self.buffer) < size:
            return None
        payload = self._take(size)
        self._payload_size = None
        return payload

    def _take(self, size: int) -> bytes:
        with memoryview(self.buffer) as view:
            taken = bytes(view[:size])
        del self.buffer[:size]
        return taken

    def _consume(self, size: int) -> None:
        del self.buffer[:size]
        self._account.position += size

    def _interpret(self, record: Record, size: int) -> Event:
        if record.type == RecordType.BLOCK:
            return self._block(record, size)
        if record.type in (RecordType.END, RecordType.END_ONE):
            self._check_end(record)
            self._consume(size)
            self.eof = True
            return record
        if self._account.index_size:
            raise NzipFormatError("a record between the index and the end")
        if record.type == RecordType.INDEX:
            if record.body != self._account.index_body or self._account.blocks < 2:
                raise NzipFormatError("the index does not describe the stream's blocks")
            self._account.index_size = size
        elif record.type < SKIPPABLE:
            raise NzipVersionError(f"record type {record.type:#04x} is not known")
        self._consume(size)
        if record.type not in _FIRST_ONLY:
            return record
        if record.type in self._seen or self._account.blocks:
            name = RecordType(record.type).name.lower()
            raise NzipFormatError(f"a {name} record that is not before the first block, or a second one")
        self._seen.add(record.type)
        return parse_metadata(record.body) if record.type == RecordType.METADATA else record

    def _block(self, record: Record, size: int) -> BlockHeader:
        if self._account.index_size:
            raise NzipFormatError("a block after the index")
        header = parse_block(record.body)
        del self.buffer[:size]
        self._account.add_block(header, size + header.coded_size)
        self._payload_size = header.coded_size
        return header

    def _check_end(self, record: Record) -> None:
        if (record.type == RecordType.END_ONE) != (self._account.blocks == 1):
            raise NzipFormatError("the end record is not that of a stream with this many blocks")
        if record.type == RecordType.END_ONE:
            return
        end, expected = parse_end(record.body), self._account.end()
        if (end.plain_size, end.checksum) != (expected.plain_size, expected.checksum):
            raise NzipChecksumError("the stream's blocks are not those it was written with")
        if end != expected:
            raise NzipFormatError("the end record does not fit the stream's size or index")
