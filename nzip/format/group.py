"""Groups: records that say what some blocks of an archive hold, should the member table be lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_BLOCK, MAX_ENTRIES, MAX_SIZE
from nzip.format.member_records import pack_table, unpack_table
from nzip.format.members import BILLION, Member, encode_members, parse_members
from nzip.format.record import encode_record
from nzip.format.registry import RecordType

CHECKSUM_SIZE = 8


class BlockName(NamedTuple):
    """What identifies a block, wherever in a file it is found."""

    plain_size: int
    checksum: int  # of the plaintext


class Group(NamedTuple):
    """Blocks that follow one another, and the members whose contents they hold."""

    start: int  # where the blocks begin in the stream's plaintext
    blocks: tuple[BlockName, ...]
    members: list[Member]  # in the order of a table; in whole seconds, without checks and attributes

    @property
    def end(self) -> int:
        """Where the blocks end in the stream's plaintext."""
        return self.start + sum(block.plain_size for block in self.blocks)


def encode_group(start: int, blocks: Iterable[BlockName], members: Iterable[Member]) -> bytes:
    """The record of a group; the members come in the order of a table.

    The block's checksums vouch for the contents, and nobody who salvages misses parts of a second. Extended
    attributes and holes, which may be larger than a record, are in the table only.
    """
    blocks = list(blocks)
    brief = [
        member._replace(mtime_ns=_whole_seconds(member.mtime_ns), check=None, xattrs=(), holes=())
        for member in members
    ]
    contents = next((member.offset for member in brief if member.has_content), 0)
    body = encode_varint(start) + encode_varint(len(blocks))
    for plain_size, checksum in blocks:
        body += encode_varint(plain_size) + checksum.to_bytes(CHECKSUM_SIZE, "little")
    body += encode_varint(contents) + pack_table(encode_members(brief, contents))
    return encode_record(RecordType.GROUP, body)


def _whole_seconds(time_ns: int) -> int:
    """The time rounded to seconds towards 0: rounded down, the least time would not fit 64 bits."""
    seconds = abs(time_ns) // BILLION * BILLION
    return seconds if time_ns >= 0 else -seconds


def parse_group(body: bytes, memory_limit: int) -> Group:
    """What the record's body holds.

    Raises NzipFormatError when it breaks a rule, NzipVersionError for a kind of member that is not known, and
    NzipMemoryError before the members take more than the limit.
    """
    cursor = Cursor(body)
    try:
        start, count = cursor.varint(), cursor.varint()
        if count > MAX_ENTRIES:
            raise NzipFormatError(f"a group of {count} blocks; at most {MAX_ENTRIES} are allowed")
        blocks = tuple(BlockName(cursor.varint(), cursor.uint(CHECKSUM_SIZE)) for _ in range(count))
        contents = cursor.varint()
    except ShortInputError:
        raise NzipFormatError("a group ends inside a field") from None
    if not all(1 <= block.plain_size <= MAX_BLOCK for block in blocks):
        raise NzipFormatError("a group lists what cannot be a block")
    table = unpack_table(cursor.take(cursor.remaining), memory_limit)
    members = parse_members(table, MAX_SIZE, memory_limit, start=contents, has_checks=False)
    return Group(start, blocks, members)
