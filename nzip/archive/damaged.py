"""An archive of which a part is damaged or missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from nzip.archive.archive import Archive
from nzip.errors import NzipChecksumError, NzipError, NzipFormatError, NzipLimitError
from nzip.format.block import BlockHeader
from nzip.format.damaged import Found, walk_damaged
from nzip.format.end import End
from nzip.format.group import BlockName, Group, parse_group
from nzip.format.limits import MAX_BODY, MAX_SIZE
from nzip.format.locate import BlockLocation
from nzip.format.member_records import unpack_table
from nzip.format.members import Member, parse_members
from nzip.format.record import Record
from nzip.format.registry import RecordType
from nzip.pipeline.coding import RunDecoder
from nzip.pipeline.own_primes import OwnPrime, read_own_prime
from nzip.pipeline.resolve import Decoding
from nzip.pipeline.table import DAMAGE, BlockTable

# Where it is not clear whether a block is intact, it is decoded, unless that was in vain so many times.
DECODED_IN_VAIN = 8


def is_salvageable(file: BinaryIO, error: NzipError) -> bool:
    """Whether an error is about damage, and the file still has names of members."""
    file.seek(0)
    is_damaged, has_names = not isinstance(error, NzipFormatError), False
    for _, _, structure in walk_damaged(file, MAX_BODY):
        is_damaged |= structure is None
        has_names |= isinstance(structure, Record) and structure.type in (
            RecordType.GROUP,
            RecordType.MEMBERS,
        )
    return is_damaged and has_names


class _FoundBlocks(BlockTable):
    """What cannot be decoded here is lost, whatever the reason."""

    def read_block(self, number: int) -> tuple[BlockHeader, bytes]:
        if self._blocks[number].size == 0:
            raise NzipChecksumError("its block is damaged or missing")
        return super().read_block(number)

    def _decode(self, numbers: list[int], threads: int) -> Iterator[bytes]:
        try:
            yield from super()._decode(numbers, threads)
        except (*DAMAGE, NzipLimitError):  # what the caller does not allow is not lost
            raise
        except NzipError as error:
            raise NzipChecksumError(f"cannot be decoded: {error}") from error


class DamagedArchive(Archive):
    """An archive whose members are found even where its table or its structure is damaged.

    The names are those of the table, or of the groups if that is lost. Contents of which a part is lost
    cannot be read. Raises NzipFormatError when no names are left; other errors and arguments are as those of
    ``Archive``.
    """

    _block_table = _FoundBlocks
    has_table = True  # or the names are those of the groups that were found, and times whole seconds
    has_end = True  # or there may have been more
    damage: tuple[tuple[int, int], ...] = ()  # ranges of the file, as far as they had to be found
    nameless: tuple[tuple[int, int], ...] = ()  # ranges of the contents whose members nothing names

    def _read(self, decoding: Decoding) -> tuple[BlockTable, list[Member]]:
        try:
            return super()._read(decoding)
        except DAMAGE:
            self._file.seek(0)
            return self._search(decoding)

    def _search(self, decoding: Decoding) -> tuple[BlockTable, list[Member]]:
        scan = _Scan(decoding)
        for found in walk_damaged(self._file, decoding.memory_limit, scan.decodes):
            scan.take(found)
        members = scan.table()
        self.has_table = members is not None
        self.damage = tuple(scan.damage)
        if members is None:
            members = scan.grouped_members()
            self.nameless = tuple(scan.nameless())
            self.has_end = scan.has_end
        if not members:
            raise NzipFormatError("holds no names of members; nzip d --salvage restores what else is intact")
        end = max((member.offset + member.size for member in members), default=0)
        blocks = self._block_table(
            self._file,
            0,
            decoding,
            blocks=list(_without_gaps(scan.places(has_checks=self.has_table), end)),
            own_prime=scan.own_prime,
        )
        return blocks, members


class _Scan:
    """Gathers what a walk through the file finds."""

    def __init__(self, decoding: Decoding) -> None:
        self.damage: list[tuple[int, int]] = []
        self.own_prime: OwnPrime | None = None
        self._limit = decoding.memory_limit
        self._resources = decoding.resources
        self._in_vain = 0
        self._blocks: list[_FoundBlock | None] = []  # None: something between is missing
        self._groups: list[Group] = []
        self._tables: list[bytearray] = []  # each of the records that follow one another
        self._plain_size: int | None = None
        self.has_end = False
        self._in_table = False

    def decodes(self, header: BlockHeader, payload: bytes) -> bool:
        """Whether a block is intact; False where that takes others, or too many were not."""
        if header.continues or self._in_vain >= DECODED_IN_VAIN:
            return False
        run = RunDecoder(self._resources)
        try:
            run.admit(header, self._limit)
            run.decode(header, payload)
        except NzipError:
            self._in_vain += 1
            return False
        return True

    def take(self, found: Found) -> None:
        """The next thing in the file."""
        structure, was_in_table = found.structure, self._in_table
        self._in_table = False
        if structure is None:
            self.damage.append((found.start, found.end))
            self._blocks.append(None)
        elif isinstance(structure, BlockHeader):
            self._blocks.append(_FoundBlock(found.start, found.end - found.start, structure))
        elif isinstance(structure, End):
            self._plain_size = structure.plain_size
            self.has_end = True
        elif isinstance(structure, Record):
            self._take_record(structure, was_in_table)

    def _take_record(self, record: Record, was_in_table: bool) -> None:
        if record.type == RecordType.MEMBERS:
            self._in_table = True
            if not was_in_table:
                self._tables.append(bytearray())
            self._tables[-1] += record.body
        elif record.type == RecordType.END_ONE:
            self.has_end = True
        elif record.type == RecordType.GROUP:
            with suppress(NzipError):
                self._groups.append(parse_group(record.body, self._limit))
        elif record.type == RecordType.PRIME:
            with suppress(NzipError):
                self.own_prime = read_own_prime(record.body, self._limit)

    def table(self) -> list[Member] | None:
        """The members of the last table that is whole."""
        for coded in reversed(self._tables):
            with suppress(NzipError):
                return parse_members(unpack_table(coded, self._limit), MAX_SIZE, self._limit)
        return None

    def grouped_members(self) -> list[Member]:
        """The members that groups name."""
        members: dict[str, Member] = {}
        for group in self._groups:
            for member in group.members:
                members.setdefault(member.path, member)
        return list(members.values())

    def nameless(self) -> Iterator[tuple[int, int]]:
        """The ranges of the plaintext for which there is no group."""
        end = 0
        for group in sorted(self._groups, key=lambda group: group.start):
            if group.start > end:
                yield end, group.start
            end = max(end, group.end)
        if self._plain_size is not None and self._plain_size > end:
            yield end, self._plain_size

    def places(self, has_checks: bool) -> Iterator[BlockLocation]:
        """The blocks that were found, in the places that their checksums have in groups.

        Blocks that no group lists are where their neighbours in the file leave room. That is believed only
        where the members have checks for what is found there.
        """
        listed: defaultdict[BlockName, set[int]] = defaultdict(set)
        for group in self._groups:
            start = group.start
            for name in group.blocks:
                listed[name].add(start)
                start += name.plain_size
        alike: defaultdict[BlockName, list[_FoundBlock]] = defaultdict(list)
        for block in self._blocks:
            if block is not None:
                alike[block.name].append(block)
        places: dict[_FoundBlock, int] = {}
        for name, blocks in alike.items():
            starts = sorted(listed[name])
            places |= zip(blocks, starts, strict=False)
            yield from (blocks[-1].at(start) for start in starts[len(blocks) :])
        if has_checks:
            self._place_neighbours(places)
        yield from (block.at(place) for block, place in places.items())

    def _place_neighbours(self, places: dict[_FoundBlock, int]) -> None:
        """Places blocks behind the one before, and then before the one behind, where nothing is between."""
        end: int | None = 0
        for block in self._blocks:
            if block is not None and end is not None:
                places.setdefault(block, end)
            place = None if block is None else places.get(block)
            end = None if block is None or place is None else place + block.header.plain_size
        start = self._plain_size
        for block in reversed(self._blocks):
            if block is not None and start is not None:
                places.setdefault(block, start - block.header.plain_size)
            start = None if block is None else places.get(block)


class _FoundBlock(NamedTuple):
    """A block in the file."""

    start: int
    size: int
    header: BlockHeader

    @property
    def name(self) -> BlockName:
        return BlockName(self.header.plain_size, self.header.checksum)

    def at(self, place: int) -> BlockLocation:
        return BlockLocation(self.start, self.size, place, self.header.plain_size, self.header.continues)


def _without_gaps(places: Iterable[BlockLocation], end: int) -> Iterator[BlockLocation]:
    """The blocks in order; what is lost between them and up to the end is blocks of no bytes."""
    position = 0
    for block in sorted(places, key=lambda block: block.plain_start):
        if block.plain_start > position:
            yield _lost(position, block.plain_start)
        if block.plain_start >= position:
            yield block
            position = block.plain_start + block.plain_size
    if position < end:
        yield _lost(position, end)


def _lost(start: int, end: int) -> BlockLocation:
    return BlockLocation(0, 0, start, end - start, False)
