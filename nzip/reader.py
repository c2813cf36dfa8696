"""The plaintext of a compressed file as a raw, seekable file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from nzip.errors import NzipError, check_output
from nzip.pipeline.decompress import plain_blocks
from nzip.pipeline.resolve import Decoding
from nzip.pipeline.table import BlockTable

if TYPE_CHECKING:
    from typing_extensions import Buffer


class PlainReader(io.RawIOBase):
    """Decodes block after block while it is read in order; goes by the table of blocks once it must seek.

    In order, nothing but ``read`` is asked of the file below, so pipes work. ``table`` is the file's, where
    somebody has made it already.
    """

    def __init__(
        self,
        file: BinaryIO,
        decoding: Decoding,
        *,
        table: BlockTable | None = None,
    ) -> None:
        self._file = file
        self._decoding = decoding
        self._start = file.tell() if self.seekable() else 0
        self._table = table
        self._unread: bytearray | None = None  # 1 for each block that was not, once the table is made here
        self._following = plain_blocks(file, decoding) if table is None else table.plain_blocks(0)
        self._failure: BaseException | None = None
        self._next = 0  # number of the block that follows the current one
        self._plain = b""  # of the current block
        self._plain_start = 0
        self._position = 0

    def close(self) -> None:
        self._following.close()
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return hasattr(self._file, "seekable") and self._file.seekable()

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Buffer) -> int:
        while self._position >= self._plain_start + len(self._plain):
            plain = self._next_plain()
            if not plain:
                return 0
            self._plain_start += len(self._plain)
            self._plain = plain
            self._next += 1
        offset = self._position - self._plain_start
        with memoryview(buffer).cast("B") as view, memoryview(self._plain) as plain_view:
            size = min(len(view), len(self._plain) - offset)
            view[:size] = plain_view[offset : offset + size]
        self._position += size
        return size

    def _next_plain(self) -> bytes:
        """The next block's plaintext; b"" at the end."""
        if self._failure is not None:
            raise NzipError("an earlier error broke off the reading") from self._failure
        try:
            plain = next(self._following, b"")
            if plain and self._unread is not None and self._table is not None:
                self._unread[self._next] = 0
                if 1 not in self._unread:
                    self._table.check()
            return plain
        except BaseException as error:
            # The generator is dead now, which must not pass for the end of the file.
            self._failure = error
            raise

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR:
            offset += self._position
        elif whence == io.SEEK_END:
            offset += self._blocks().plain_size
        elif whence != io.SEEK_SET:
            raise ValueError(f"whence is {whence}; 0, 1 or 2 are allowed")
        offset = max(0, offset)
        if not 0 <= offset - self._plain_start < len(self._plain):
            offset = self._go_to_block(offset)
        self._position = offset
        return offset

    def _blocks(self) -> BlockTable:
        if self._table is None:
            self._table = BlockTable(self._file, self._start, self._decoding)
            check_output(self._table.plain_size, self._decoding.max_output)
            self._unread = bytearray(b"\1") * len(self._table)
            self._unread[: self._next] = bytes(self._next)
            # Making the table moved the file, so reading in order ends here.
            self._following.close()
            self._following = self._table.plain_blocks(self._next)
        return self._table

    def _go_to_block(self, position: int) -> int:
        """Makes sure that reading comes to the block with this position, or the end when there is none."""
        table = self._blocks()
        position = min(position, table.plain_size)
        number = table.block_at(position)
        # Ahead in the same run: its blocks must be decoded anyway, and reading does that.
        if self._failure is not None or not table.run_start(number) <= self._next <= number:
            self._failure = None
            self._following.close()
            self._following = table.plain_blocks(number)
            self._plain = b""
            self._plain_start = table.plain_start(number)
            self._next = number
        return position
