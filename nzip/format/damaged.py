"""Finding the structures of a file that is damaged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from nzip.errors import NzipChecksumError, NzipFormatError, NzipVersionError
from nzip.format.block import BlockHeader, parse_block
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.end import End, parse_end
from nzip.format.header import StreamHeader, parse_stream_header
from nzip.format.limits import MAX_BODY
from nzip.format.record import END_ONE, Record, parse_record
from nzip.format.registry import MAGIC, RecordType
from nzip.streams import read_some

READ_SIZE = 1 << 18

# The bytes that begin a structure which a check protects. The short end record has none, so it counts only in
# its place.
_CANDIDATE = re.compile(
    b"|".join(
        re.escape(bytes(MAGIC[:1]) + bytes([kind])) for kind in RecordType if kind != RecordType.END_ONE
    )
    + b"|"
    + re.escape(MAGIC)
)

# A record that turns out to be none costs as many bytes as it announces, and a hostile file can announce 2^24
# with every fifth byte. Short bodies are always looked at; long ones while the bytes looked at in vain stay
# in proportion to the file's. In random bytes, as damage leaves them, that proportion is about 12.
SHORT_BODY = 1 << 12
BYTES_IN_VAIN = 64  # for each byte of the file before the position
SPARE_BYTES = 1 << 27

Structure = StreamHeader | BlockHeader | End | Record  # the last: of any other type


class Found(NamedTuple):
    """A range of a damaged file, and the structure that stands there; None where none can be recognized."""

    start: int
    end: int  # of a block: behind its coded bytes
    structure: Structure | None


def walk_damaged(
    file: BinaryIO, memory_limit: int, decodes: Callable[[BlockHeader, bytes], bool] | None = None
) -> Iterator[Found]:
    """All ranges of a damaged file, in order, found without decoding blocks.

    Where no structure follows a block, ``decodes`` may tell whether the block's coded bytes are intact. If
    not, the next structure is looked for right behind the block's header. A block of more coded bytes than
    the limit is not jumped over.
    """
    reader = DamagedReader(file)
    gap: int | None = None
    while not reader.at_end():
        found = reader.structure()
        start = reader.position
        # Two bytes without a check mean the end only where an end may be.
        if found is None or (gap is not None and found[1] == len(END_ONE)):
            gap = start if gap is None else gap
            reader.skip_to_candidate()
            continue
        if gap is not None:
            yield Found(gap, start, None)
            gap = None
        structure, size = found
        reader.skip(size)
        coded_size = structure.coded_size if isinstance(structure, BlockHeader) else 0
        yield Found(start, reader.position + coded_size, structure)
        if not isinstance(structure, BlockHeader):
            continue
        if coded_size <= memory_limit and (
            reader.follows(coded_size) or _is_intact(reader, structure, decodes)
        ):
            reader.skip(coded_size)
        else:
            gap = reader.position
    if gap is not None:
        yield Found(gap, reader.position, None)


def _is_intact(
    reader: DamagedReader, header: BlockHeader, decodes: Callable[[BlockHeader, bytes], bool] | None
) -> bool:
    if decodes is None:
        return False
    payload = reader.payload(header.coded_size)
    return payload is not None and decodes(header, payload)


class DamagedReader:
    """A position in a file, and what can be recognized there. Memory is bounded by the largest record."""

    def __init__(self, file: BinaryIO) -> None:
        self.position = 0
        self._file = file
        self._buffer = bytearray()
        self._in_vain = 0
        self.unknown: NzipVersionError | None = None

    def structure(self) -> tuple[Structure, int] | None:
        """The intact structure at the position and its size; None when there is none.

        With None, ``unknown`` is the error for an intact structure that this version does not know, if any.
        """
        self.unknown = None
        while True:
            cursor = Cursor(self._buffer)
            try:
                return self._parse(cursor), cursor.position
            except ShortInputError:
                if not self._fill(len(self._buffer) + 1):
                    return None
            except NzipVersionError as error:
                self.unknown = error
                return None
            except (NzipChecksumError, NzipFormatError):
                self._in_vain += cursor.position
                return None

    def _parse(self, cursor: Cursor) -> Structure:
        if self._buffer[:2] == MAGIC[:2]:
            return parse_stream_header(cursor, self._buffer)
        left = SPARE_BYTES + BYTES_IN_VAIN * self.position - self._in_vain
        record = parse_record(cursor, self._buffer, most=MAX_BODY if left > 0 else SHORT_BODY)
        if record.type == RecordType.BLOCK:
            return parse_block(record.body)
        return parse_end(record.body) if record.type == RecordType.END else record

    def payload(self, size: int) -> bytes | None:
        """The next ``size`` bytes, without moving behind them; None when the file has fewer."""
        if not self._fill(size):
            return None
        with memoryview(self._buffer) as view:
            return bytes(view[:size])

    def follows(self, size: int) -> bool:
        """Whether a structure may begin, or the file end, ``size`` bytes ahead."""
        if not self._fill(size):
            return False
        return not self._fill(size + 1) or self._buffer[size : size + 1] == MAGIC[:1]

    def at_end(self) -> bool:
        return not self._fill(1)

    def skip(self, size: int) -> None:
        """Moves ``size`` bytes ahead, over bytes that were looked at."""
        del self._buffer[:size]
        self.position += size

    def skip_to_candidate(self) -> None:
        """Moves at least one byte, to where a structure may begin or to the file's end."""
        self.skip(1)
        while self._fill(len(MAGIC)):
            if match := _CANDIDATE.search(self._buffer):
                self.skip(match.start())
                return
            self.skip(len(self._buffer) - len(MAGIC) + 1)  # a candidate may begin in the last bytes
        self.skip(len(self._buffer))

    def _fill(self, size: int) -> bool:
        while len(self._buffer) < size:
            if not (data := read_some(self._file, READ_SIZE)):
                return False
            self._buffer += data
        return True
