"""Writing a stream: the pieces, in the order in which they must come."""

from __future__ import annotations

from nzip.format.block import BlockHeader
from nzip.format.header import StreamHeader
from nzip.format.ledger import Ledger
from nzip.format.metadata import Metadata
from nzip.format.record import END_ONE, encode_record
from nzip.format.registry import RecordType


class StreamWriter:
    """Each method returns the bytes to write next."""

    def __init__(self, *, index: bool = True) -> None:
        self._index = index
        self._ledger = Ledger()

    def begin(self, metadata: Metadata | None = None, records: bytes = b"") -> bytes:
        """``records`` are those that come before the first block."""
        data = StreamHeader().encode()
        if metadata is not None:
            data += metadata.encode()
        data += records
        self._ledger.position = len(data)
        return data

    def records(self, data: bytes) -> bytes:
        """Records of a skippable type, which come before the next block."""
        self._ledger.position += len(data)
        return data

    def block(self, header: BlockHeader, coded: bytes | bytearray) -> bytes:
        data = header.encode() + coded
        self._ledger.add_block(header, len(data))
        return data

    def end(self, records: bytes = b"") -> bytes:
        """``records`` are those that come behind the last block."""
        ledger = self._ledger
        ledger.position += len(records)
        if ledger.blocks == 1:
            return records + END_ONE
        index = b""
        if self._index and ledger.blocks > 1 and (body := ledger.index_body) is not None:
            index = encode_record(RecordType.INDEX, body)
        ledger.position += len(index)
        ledger.index_size = len(index)
        return records + index + ledger.end().encode()
