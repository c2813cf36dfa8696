"""What stands behind an archive's blocks."""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

from nzip.archive.grouping import Grouping
from nzip.archive.member_table import member_records
from nzip.format.members import Member, table_order
from nzip.pipeline.encoder import Encoder
from nzip.streams import write_all


class Made(NamedTuple):
    """What an archive came to hold."""

    members: int
    size: int  # bytes of all members
    coded: int  # bytes of the archive
    changed: bool = True  # or an older archive holds all of it already, and nothing was written


def end_archive(
    dst: BinaryIO,
    encoder: Encoder,
    members: list[Member],
    grouping: Grouping,
    plain_size: int,
    memory_limit: int,
) -> Made:
    """Writes the last blocks, and what comes behind them: the table of these members, the stream's end."""
    members = sorted(members, key=table_order)
    records = member_records(members, plain_size, memory_limit)
    grouping.add(members, plain_size)
    write_all(dst, encoder.end_blocks())
    for piece in encoder.closing(records + grouping.rest()):
        write_all(dst, piece)
    encoder.report()
    return Made(len(members), sum(member.size for member in members), encoder.totals.coded)
