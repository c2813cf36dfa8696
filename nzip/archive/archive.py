"""An archive that is read."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO

from nzip.errors import NzipChecksumError, NzipError, check_output
from nzip.format.checksum import Check32
from nzip.format.member_records import read_member_table
from nzip.format.members import Member, parse_members
from nzip.machine import available_cores
from nzip.options import DecodingOptions, library_decode_options
from nzip.pipeline.resolve import Decoding, resolve_decoding
from nzip.pipeline.table import BlockTable
from nzip.reader import PlainReader

if TYPE_CHECKING:
    from typing_extensions import Buffer, Self, Unpack


class Archive:
    """The members of an archive, in the order in which their contents are stored.

    Raises an NzipError when the file is no archive or its table is damaged, and NzipMemoryError when the
    table needs more than ``memory_limit`` (default: 4 GB or half the machine's memory, whichever is less).
    """

    recovery: float = 0  # percent of the archive that may be lost in one place; 0: no recovery records
    _block_table = BlockTable

    def __init__(
        self,
        file: str | os.PathLike[str] | BinaryIO,
        decoding: Decoding | None = None,
        **options: Unpack[DecodingOptions],
    ) -> None:
        """Opens an archive by its path, or one that is open already and can be sought in.

        ``options`` are those of ``nzip.decompress``; NzipLimitError is raised where all contents together
        have more than ``max_output`` bytes. ``decoding`` takes their place where it is given. Closing leaves
        a file open that was open.
        """
        decoding = decoding or resolve_decoding(library_decode_options(options))
        self._threads = decoding.threads
        self._owns_file = isinstance(file, (str, os.PathLike))
        self._file = io.FileIO(os.fspath(file)) if isinstance(file, (str, os.PathLike)) else file
        try:
            self.blocks, self.members = self._read(decoding)
        except BaseException:
            self.close()
            raise
        self._plain = PlainReader(self._file, decoding, table=self.blocks)
        self._by_path: dict[str, Member] = {}

    def _read(self, decoding: Decoding) -> tuple[BlockTable, list[Member]]:
        limit = decoding.memory_limit
        blocks = self._block_table(self._file, 0, decoding)
        check_output(blocks.plain_size, decoding.max_output)
        table = read_member_table(self._file, len(blocks), blocks.coded_end, limit)
        self.recovery = table.recovery
        return blocks, parse_members(table.data, blocks.plain_size, limit)

    def close(self) -> None:
        """Closes the file if it was opened here."""
        if self._owns_file:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, path: str) -> Member:
        """The member of that path; KeyError when there is none."""
        if not self._by_path:
            self._by_path = {member.path: member for member in self.members}
        return self._by_path[path]

    def open(self, member: Member | str) -> io.BufferedReader:
        """A member's content as a file to be read, which can be sought in.

        Only the blocks that it touches are decoded. Raises KeyError for a path that is not in the archive and
        ValueError for what has no content. All that is read was checked, block by block.
        """
        if isinstance(member, str):
            member = self[member]
        if not member.has_content:
            raise ValueError(f"{member.path!r} is a {member.kind.name.lower().replace('_', ' ')}")
        return io.BufferedReader(_MemberReader(self._plain, member))

    def read(self, member: Member | str) -> bytes:
        """All of a member's content; errors as those of ``open``."""
        with self.open(member) as file:
            return file.read()

    def contents(
        self, members: Iterable[Member], *, threads: int | None = None
    ) -> Iterator[tuple[list[Member], Iterator[memoryview]]]:
        """Content after content in the archive's order, each with the members whose it is and its pieces.

        Every block is decoded once, up to ``threads`` (0: one for each core; None: as many as the archive
        was opened with) at a time. The pieces raise an
        NzipError where a block or the whole is damaged; the next content can be read none the less. Pieces
        must be used before the next content is asked for.
        """
        threads = self._threads if threads is None else threads
        groups: dict[tuple[int, int], list[Member]] = {}
        for member in members:
            if member.has_content:
                groups.setdefault((member.offset, member.size), []).append(member)
        blocks = _ChosenBlocks(self.blocks, sorted(groups), threads or available_cores())
        for content in sorted(groups):
            group = groups[content]
            yield group, blocks.pieces(group[0])


class _ChosenBlocks:
    """The blocks of some contents, one at a time, in order."""

    def __init__(self, table: BlockTable, contents: list[tuple[int, int]], threads: int) -> None:
        self._table = table
        numbers = {number for offset, size in contents for number in table.numbers(offset, offset + size)}
        self._blocks = table.chosen_blocks(numbers, threads)
        self._number = -1
        self._plain: bytes | NzipError = b""

    def pieces(self, member: Member) -> Iterator[memoryview]:
        check = Check32()
        position, end = member.offset, member.offset + member.size
        while position < end:
            number = self._table.block_at(position)
            start = self._table.plain_start(number)
            piece = memoryview(self._block(number))[position - start : end - start]
            position += len(piece)
            check.update(piece)
            yield piece
        if member.check is not None and check.value != member.check:
            raise NzipChecksumError("its checksum does not match")

    def _block(self, number: int) -> bytes:
        while self._number < number:
            self._plain = b""  # or it stays while the next block is decoded
            self._number, self._plain = next(self._blocks)
        if isinstance(self._plain, NzipError):
            raise self._plain
        return self._plain


class _MemberReader(io.RawIOBase):
    """A range of the plaintext. Readers of one archive share its last decoded block."""

    def __init__(self, plain: PlainReader, member: Member) -> None:
        self._plain = plain
        self._member = member
        self._position = 0

    @property
    def name(self) -> str:
        return self._member.path

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence not in (io.SEEK_SET, io.SEEK_CUR, io.SEEK_END):
            raise ValueError(f"whence is {whence}; 0, 1 or 2 are allowed")
        self._position = max(0, offset + (0, self._position, self._member.size)[whence])
        return self._position

    def readinto(self, buffer: Buffer) -> int:
        with memoryview(buffer).cast("B") as view:
            size = min(len(view), max(0, self._member.size - self._position))
            if not size:
                return 0
            self._plain.seek(self._member.offset + self._position)
            count = self._plain.readinto(view[:size])
        self._position += count
        return count
