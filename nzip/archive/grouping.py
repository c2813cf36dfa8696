"""The groups of an archive that is made: names beside the blocks, for the day when the table is lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from nzip.format.block import BlockHeader
from nzip.format.group import BlockName, encode_group
from nzip.format.members import Member, table_order
from nzip.format.registry import MemberKind

# Names compress the better the more of them are together; whatever destroys a group's record and the table
# takes the names of so many.
MEMBERS = 256
BLOCKS = 16
MOST_MEMBERS = 1024  # in one record, whose body has a limit


class Grouping:
    """Takes members and blocks in the order in which they come, and makes the records between the blocks.

    A group's record stands before the last of its blocks, so that what takes the archive's end leaves it. It
    names the members that were complete before that block's end in the plaintext, whenever they were added:
    so it does not depend on how many blocks are in flight.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()  # paths
        self._waiting: deque[tuple[int, Member]] = deque()  # each with where it was complete
        self._ready: list[Member] = []
        self._blocks: list[BlockName] = []  # of the group
        self._start = 0  # of the first of these, in the plaintext
        self._end = 0  # of the last

    def add(self, members: Iterable[Member], position: int) -> None:
        """Members that are complete at a position of the plaintext, which never goes back.

        Those that are known already are passed over.
        """
        for member in members:
            if member.path not in self._known:
                self._known.add(member.path)
                self._waiting.append((position, member))

    def before_block(self, header: BlockHeader, is_last: bool) -> bytes:
        """The records to be written before the next block."""
        self._blocks.append(BlockName(header.plain_size, header.checksum))
        self._end += header.plain_size
        while self._waiting and self._waiting[0][0] <= self._end:
            self._ready.append(self._waiting.popleft()[1])
        if is_last or len(self._ready) >= MEMBERS or len(self._blocks) >= BLOCKS:
            return self._records()
        return b""

    def rest(self) -> bytes:
        """The records of what came too late to stand before a block."""
        self._ready += [member for _, member in self._waiting]
        self._waiting.clear()
        return self._records() if self._ready or self._blocks else b""

    def _records(self) -> bytes:
        members = sorted(self._ready, key=table_order)
        records = b""
        for at in range(0, max(1, len(members)), MOST_MEMBERS):
            part = members[at : at + MOST_MEMBERS]
            records += encode_group(self._start, self._blocks, _self_contained(part))
            self._blocks = []
            self._start = self._end
        self._ready = []
        return records


def _self_contained(members: Sequence[Member]) -> Iterator[Member]:
    """Hard links to what is not among them become files of the same content."""
    paths = {member.path for member in members}
    for member in members:
        if member.kind == MemberKind.HARD_LINK and member.target not in paths:
            member = member._replace(kind=MemberKind.FILE, target="")
        yield member
