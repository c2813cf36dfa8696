"""Writing a stream: the pieces, in the order in which they must come."""

from __future__ import annotations

from nzip.format.account import Account
from nzip.format.block import BlockHeader
from nzip.format.header import StreamHeader
from nzip.format.metadata import Metadata


class StreamWriter:
    """Each method returns the bytes to write next."""

    def __init__(self, *, index: bool = True) -> None:
        self._index = index
        self._account = Account()

    def begin(self, metadata: Metadata | None = None, records: bytes = b"") -> bytes:
        """The stream's beginning. ``records`` are records that come before the first block."""
        data = StreamHeader().encode()
        if metadata is not None:
            data += metadata.encode()
        data += records
        self._account.position = len(data)
        return data

    def records(self, data: bytes) -> bytes:
        """Records of a skippable type, which come before the next block or the end."""
        self._account.position += len(data)
        return data

    def block(self, header: BlockHeader, coded: bytes | bytearray) -> bytes:
        data = header.encode() + coded
        self._account.add_block(header, len(data))
        return data

    def end(self) -> bytes:
        """The index and the end record."""
        return self._account.closing(index=self._index)
