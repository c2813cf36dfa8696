"""The member table of an archive: which files its plaintext consists of."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple, TypeVar

from nzip.errors import NzipFormatError, NzipMemoryError, NzipVersionError
from nzip.format.cursor import Cursor, ShortInputError, split_varints
from nzip.format.extras import Owner, Xattrs, encode_owners, encode_xattrs, parse_owners, parse_xattrs
from nzip.format.fields import encode_varint
from nzip.format.holes import Hole, encode_hole_lists, parse_hole_lists
from nzip.format.limits import MAX_PATH
from nzip.format.metadata import MAX_MODE
from nzip.format.registry import MemberColumn, MemberKind
from nzip.format.times import nearest_time

CHECK_SIZE = 4
MEMBER_MEMORY = 700  # bytes that a member takes at most, its path and target aside
BILLION = 10**9

_Item = TypeVar("_Item")


class Member(NamedTuple):
    """A file, a folder or a link in an archive.

    Paths are text as ``os.fsdecode`` makes it: bytes that are no text are surrogate escapes.
    """

    path: str  # relative, with "/" between its parts, none of which is "." or ".."
    kind: MemberKind
    mode: int = 0  # permission bits, 0o7777 at most; none of a symbolic link
    mtime_ns: int = 0  # since 1970-01-01T00:00Z
    size: int = 0  # bytes of content
    offset: int = 0  # of the content in the archive's plaintext; identical files share it
    check: int | None = 0  # of the content: the lowest 32 bits of its XXH3; None: not known
    target: str = ""  # of a symbolic link; of a hard link the path of the member whose other name it is
    owner: Owner | None = None  # where owners were asked for
    xattrs: Xattrs = ()  # extended attributes, where they were asked for; a symbolic link has none
    holes: tuple[Hole, ...] = ()  # of a file

    @property
    def has_content(self) -> bool:
        """Whether it is a file, under whichever of its names."""
        return self.kind in (MemberKind.FILE, MemberKind.HARD_LINK)

    def with_content(self, other: Member) -> Member:
        """The same member with the content of another."""
        return self._replace(size=other.size, offset=other.offset, check=other.check, holes=other.holes)

    def same_content(self, other: Member) -> bool:
        """Whether two files share their content's bytes."""
        return (self.offset, self.size) == (other.offset, other.size)


_UNSAFE = re.compile(rb"(?:\A|/)\.{0,2}(?:/|\Z)|\0")  # an empty part of a path, or "." or ".."
_HIGH = bytes(range(128, 256))  # bytes that go on with a number
# Columns that only some archives have.
_OPTIONAL = {
    *(MemberColumn.OWNER, MemberColumn.OWNERS, MemberColumn.ATTRIBUTES, MemberColumn.ATTRIBUTE_SETS),
    MemberColumn.HOLES,
}
_WITH_MODE = MemberKind.FILE, MemberKind.COPY, MemberKind.FOLDER


def is_member_path(path: bytes) -> bool:
    """Whether a path stays below the folder where it is used."""
    return len(path) <= MAX_PATH and _UNSAFE.search(path) is None


def table_order(member: Member) -> tuple[bool, int, int, str]:
    """The key by which members are sorted in a table.

    Members without content come first, by path, then members in the order of their contents. Members that
    share a content have the same key, so sorting keeps their order.
    """
    if member.has_content:
        return True, member.offset, member.size, ""
    return False, 0, 0, member.path


def encode_members(members: Iterable[Member], start: int = 0) -> bytes:
    """The table of members whose contents lie behind position ``start`` of the plaintext.

    Contents must come in the order of their offsets, and all names of one content behind one another. The
    checks must be known of all members or of none. Raises ValueError for a path, an owner or an attribute
    that no reader would accept.
    """
    columns = {column: bytearray() for column in MemberColumn}

    def add(column: MemberColumn, number: int) -> None:
        columns[column] += encode_varint(number)

    path = b""
    seconds = 0
    end = start
    owners: dict[Owner, int] = {}
    sets: dict[Xattrs, int] = {}
    holes: list[tuple[Hole, ...]] = []
    content: Member | None = None  # the last member that has one
    for member in members:
        kind = member.kind
        if kind == MemberKind.FILE and content is not None and member.size and member.same_content(content):
            kind = MemberKind.COPY
        columns[MemberColumn.KIND].append(kind)
        before, path = path, os.fsencode(member.path)
        if not is_member_path(path):
            raise ValueError(f"{member.path!r} is no path of a member")
        shared = _shared_prefix(before, path)
        add(MemberColumn.SHARED, shared)
        columns[MemberColumn.REST] += path[shared:] + b"\0"
        if kind in _WITH_MODE:
            add(MemberColumn.MODE, member.mode)
            xattrs = member.xattrs
            add(MemberColumn.ATTRIBUTES, sets.setdefault(xattrs, len(sets) + 1) if xattrs else 0)
        if kind != MemberKind.HARD_LINK:
            owner = member.owner
            add(MemberColumn.OWNER, 0 if owner is None else owners.setdefault(owner, len(owners) + 1))
            last, (seconds, nanoseconds) = seconds, divmod(member.mtime_ns, BILLION)
            add(MemberColumn.SECONDS, _zigzag(seconds - last))
            add(MemberColumn.NANOSECONDS, nanoseconds)
        if kind == MemberKind.FILE:
            add(MemberColumn.SIZE, member.size)
            add(MemberColumn.GAP, member.offset - end)
            if member.check is not None:
                columns[MemberColumn.CHECK] += member.check.to_bytes(CHECK_SIZE, "little")
            end = member.offset + member.size
            holes.append(member.holes)
        if kind == MemberKind.SYMBOLIC_LINK:
            columns[MemberColumn.TARGET] += os.fsencode(member.target) + b"\0"
        if member.has_content:
            content = member
    columns[MemberColumn.OWNERS] += encode_owners(owners)
    columns[MemberColumn.ATTRIBUTE_SETS] += encode_xattrs(sets)
    columns[MemberColumn.HOLES] += encode_hole_lists(holes)
    if not owners:
        columns[MemberColumn.OWNER].clear()
    if not sets:
        columns[MemberColumn.ATTRIBUTES].clear()
    return b"".join(
        encode_varint(column) + encode_varint(len(data)) + data
        for column, data in columns.items()
        if data or column not in _OPTIONAL
    )


def _shared_prefix(one: bytes, other: bytes) -> int:
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))


def parse_members(
    table: bytes, plain_size: int, memory_limit: int, *, start: int = 0, has_checks: bool = True
) -> list[Member]:
    """The members of a table, whose contents lie between ``start`` and ``plain_size`` of the plaintext.

    Raises NzipFormatError for a table that no writer may write: a path that leads out of the folder where it
    is used, one path twice, content that is not there. Raises NzipMemoryError before the members take more
    than the limit.
    """
    columns = _parse_columns(table)
    budget = _Budget(memory_limit)
    budget.spend(2 * len(table) + MEMBER_MEMORY * len(columns[MemberColumn.KIND]))
    return list(_Parser(columns, start, plain_size, has_checks, budget).members())


def _parse_columns(table: bytes) -> dict[MemberColumn, bytes]:
    """Columns that this version does not know are skipped, and those that are not there are empty."""
    cursor = Cursor(table)
    found: dict[int, bytes] = {}
    try:
        while cursor.remaining:
            tag, value = cursor.varint(), cursor.take(cursor.varint())
            if tag in found:
                raise NzipFormatError(f"column {tag} of the member table appears twice")
            found[tag] = value
    except ShortInputError:
        raise NzipFormatError("the member table ends inside a column") from None
    return {column: found.get(column, b"") for column in MemberColumn}


class _Budget:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._needed = 0

    def spend(self, size: int) -> None:
        self._needed += size
        if self._needed > self._limit:
            raise NzipMemoryError(self._needed, self._limit)


class _Parser:
    """Goes through the columns side by side."""

    def __init__(
        self,
        columns: Mapping[MemberColumn, bytes],
        start: int,
        plain_size: int,
        has_checks: bool,
        budget: _Budget,
    ) -> None:
        self._plain_size = plain_size
        self._budget = budget
        self._path = b""
        self._seconds = 0
        self._end = start  # of the last content
        self._content: Member | None = None  # the last member that has one
        kinds = self._kinds = columns[MemberColumn.KIND]
        if unknown := set(kinds).difference(MemberKind):
            raise NzipVersionError(f"member kind {min(unknown)} is not known")
        count = {kind: kinds.count(kind) for kind in MemberKind}
        linked, files = count[MemberKind.SYMBOLIC_LINK], count[MemberKind.FILE]
        dated = len(kinds) - count[MemberKind.HARD_LINK]

        def numbers(column: MemberColumn, expected: int) -> Callable[[], int]:
            data = columns[column]
            if len(data.translate(None, _HIGH)) != expected or data[-1:] > b"\x7f":
                raise NzipFormatError(f"column {column} of the member table has not {expected} numbers")
            return iter(split_varints(data)).__next__

        def texts(column: MemberColumn, expected: int) -> Callable[[], bytes]:
            data = columns[column]
            if data.count(0) != expected or (data and data[-1]):
                raise NzipFormatError(f"column {column} of the member table has not {expected} texts")
            return iter(data.split(b"\0")).__next__

        self._shared = numbers(MemberColumn.SHARED, len(kinds))
        self._rest = texts(MemberColumn.REST, len(kinds))
        self._mode = numbers(MemberColumn.MODE, dated - linked)
        self._step = numbers(MemberColumn.SECONDS, dated)
        self._nanoseconds = numbers(MemberColumn.NANOSECONDS, dated)
        self._size = numbers(MemberColumn.SIZE, files)
        self._gap = numbers(MemberColumn.GAP, files)
        self._target = texts(MemberColumn.TARGET, linked)
        owners = parse_owners(columns[MemberColumn.OWNERS], budget.spend)
        sets = parse_xattrs(columns[MemberColumn.ATTRIBUTE_SETS], budget.spend)

        def choices(column: MemberColumn, expected: int, items: Sequence[_Item]) -> Callable[[], _Item]:
            """Chooses for each member the item of its number; the first item where there is no column."""
            if not columns[column]:
                return repeat(items[0]).__next__
            number = numbers(column, expected)

            def choose() -> _Item:
                try:
                    return items[number()]
                except IndexError:
                    raise NzipFormatError(f"column {column} of the member table goes too far") from None

            return choose

        self._owner = choices(MemberColumn.OWNER, dated, [None, *owners])
        self._xattrs = choices(MemberColumn.ATTRIBUTES, dated - linked, [(), *sets])
        self._holes = iter(parse_hole_lists(columns[MemberColumn.HOLES], files, budget.spend)).__next__
        checks = columns[MemberColumn.CHECK]
        if len(checks) != (CHECK_SIZE * files if has_checks else 0):
            raise NzipFormatError(f"column {MemberColumn.CHECK} of the member table has not {files} checks")
        found = (check for (check,) in struct.iter_unpack("<I", checks))
        self._check: Callable[[], int | None] = found.__next__ if has_checks else lambda: None

    def members(self) -> Iterator[Member]:
        seen: set[str] = set()
        for kind in self._kinds:
            member = self._member(kind, self._next_path())
            if member.path in seen:
                raise NzipFormatError(f"the member table names {member.path!r} twice")
            seen.add(member.path)
            if member.has_content:
                self._content = member
            yield member

    def _member(self, kind: int, path: str) -> Member:
        if kind == MemberKind.HARD_LINK:
            first = self._content_before(kind)
            return first._replace(path=path, kind=MemberKind.HARD_LINK, target=first.target or first.path)
        mode, xattrs = (self._mode(), self._xattrs()) if kind in _WITH_MODE else (0, ())
        if mode > MAX_MODE:
            raise NzipFormatError(f"{mode:#o} is not a file mode")
        member = Member(path, MemberKind(kind), mode, self._next_time(), owner=self._owner(), xattrs=xattrs)
        if kind == MemberKind.FILE:
            size, offset, check = self._next_content()
            holes = self._holes()
            if holes and holes[-1].end > size:
                raise NzipFormatError("a file has a hole behind its end")
            return member._replace(size=size, offset=offset, check=check, holes=holes)
        if kind == MemberKind.COPY:
            shared = self._content_before(kind)
            return member._replace(kind=MemberKind.FILE).with_content(shared)
        return member if kind == MemberKind.FOLDER else member._replace(target=self._next_target())

    def _next_target(self) -> str:
        target = self._target()
        self._budget.spend(4 * len(target))
        if not 0 < len(target) <= MAX_PATH:
            raise NzipFormatError(f"a symbolic link to {len(target)} bytes")
        return os.fsdecode(target)

    def _next_path(self) -> str:
        shared = self._shared()
        if shared > len(self._path):
            raise NzipFormatError("a path has more in common with the one before it than that has")
        path = self._path[:shared] + self._rest()
        self._budget.spend(4 * len(path))
        # Parts that are shared whole were looked at before: so a deep path does not cost its depth each time.
        begin = self._path.rfind(b"/", 0, shared) + 1
        self._path = path
        if len(path) > MAX_PATH or not is_member_path(path[begin:]):
            raise NzipFormatError(f"{path[:100]!r} is no path of a member")
        return os.fsdecode(path)

    def _next_time(self) -> int:
        step, nanoseconds = self._step(), self._nanoseconds()
        self._seconds += _unzigzag(step)
        time = self._seconds * BILLION + nanoseconds
        if nanoseconds >= BILLION or nearest_time(time) != time:
            raise NzipFormatError("a member's time does not fit 64 bits")
        return time

    def _next_content(self) -> tuple[int, int, int | None]:
        size = self._size()
        offset = self._end + self._gap()
        self._end = offset + size
        if self._end > self._plain_size:
            raise NzipFormatError("the member table names more than the archive holds")
        return size, offset, self._check()

    def _content_before(self, kind: int) -> Member:
        if self._content is None:
            raise NzipFormatError(f"a {MemberKind(kind).name.lower().replace('_', ' ')} of nothing")
        return self._content


def _zigzag(number: int) -> int:
    """
    >>> [_unzigzag(_zigzag(number)) for number in (-2, -1, 0, 1)]
    [-2, -1, 0, 1]
    """
    return 2 * number if number >= 0 else -2 * number - 1


def _unzigzag(number: int) -> int:
    return number >> 1 if number % 2 == 0 else -(number >> 1) - 1
