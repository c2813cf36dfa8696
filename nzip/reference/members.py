"""The member table of an archive (docs/format/container.md, Archives)."""

from __future__ import annotations

import lzma
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nzip.errors import NzipChecksumError, NzipFormatError, NzipVersionError
from nzip.reference.container import Stream, xxh3
from nzip.reference.cursor import Cursor

FILE, COPY, HARD_LINK, SYMBOLIC_LINK, FOLDER = range(5)

_DICTIONARY = 2**22
_MOST_OF_A_TABLE = 2**30
_LONGEST_PATH = 65535
_KINDS, _SHARED, _REST, _MODES, _SECONDS, _NANOSECONDS, _SIZES, _GAPS, _CHECKS, _TARGETS = range(1, 11)
_OWNER, _OWNERS, _ATTRIBUTES, _SETS, _HOLES = 11, 12, 13, 14, 20


@dataclass
class Member:
    """Where a file's content lies is (start, size); ``owner`` and ``attributes`` are numbers from 1, or 0."""

    kind: int
    path: bytes
    mode: int = 0
    mtime_ns: int = 0
    start: int = 0
    size: int = 0
    check: int = 0
    target: bytes = b""
    owner: int = 0
    attributes: int = 0
    holes: Sequence[tuple[int, int]] = ()


def read_members(stream: Stream) -> list[Member]:
    """The members of an archive's one stream."""
    columns = _columns(stream)
    plain_size = sum(block.header.plain_size for block in stream.blocks)
    owners = _count(columns[_OWNERS], _skip_owner)
    sets = _count(columns[_SETS], _skip_set)
    members: list[Member] = []
    path, seconds, at = b"", 0, 0
    content: Member | None = None
    while columns[_KINDS]:
        kind = columns[_KINDS].number(1)
        if kind > FOLDER:
            raise NzipVersionError(f"members of kind {kind} are not known")
        path = path[: columns[_SHARED].varint(len(path))] + _until_zero(columns[_REST])
        _check_path(path)
        member = Member(kind, path)
        members.append(member)
        if kind in (FILE, COPY, FOLDER):
            member.mode = columns[_MODES].varint(0o7777)
        if kind != HARD_LINK:
            difference = columns[_SECONDS].varint()
            seconds += -(difference + 1) // 2 if difference % 2 else difference // 2
            member.mtime_ns = seconds * 10**9 + columns[_NANOSECONDS].varint(10**9 - 1)
            member.owner = _choice(columns[_OWNER], owners)
        if kind in (FILE, COPY, FOLDER):
            member.attributes = _choice(columns[_ATTRIBUTES], sets)
        if kind == FILE:
            at += columns[_GAPS].varint()
            member.start, member.size = at, columns[_SIZES].varint()
            at += member.size
            if at > plain_size:
                raise NzipFormatError("a member's content is not in the archive")
            member.check = columns[_CHECKS].number(4)
            member.holes = _read_holes(columns[_HOLES], member.size)
        if kind in (COPY, HARD_LINK):
            if content is None:
                raise NzipFormatError("a copy or link of a file that is not there")
            member.start, member.size, member.check = content.start, content.size, content.check
            member.target = content.path
        if kind == SYMBOLIC_LINK:
            member.target = _until_zero(columns[_TARGETS])
            if not member.target:
                raise NzipFormatError("a symbolic link that leads nowhere")
        if kind in (FILE, COPY, HARD_LINK):
            content = member
    for cursor in columns.values():
        cursor.end()
    if len({member.path for member in members}) < len(members):
        raise NzipFormatError("two members of one path")
    return members


def _columns(stream: Stream) -> dict[int, Cursor]:
    raw = b"".join(stream.members)
    decoder = lzma.LZMADecompressor(
        lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": _DICTIONARY}]
    )
    try:
        table = decoder.decompress(raw, _MOST_OF_A_TABLE)
    except lzma.LZMAError:
        raise NzipFormatError("the member table cannot be decoded") from None
    if not decoder.eof or decoder.unused_data:
        raise NzipFormatError("the member table has no end, or bytes behind it")
    cursor = Cursor(table)
    columns: dict[int, Cursor] = {}
    while cursor:
        number = cursor.varint()
        body = Cursor(cursor.take(cursor.varint()))
        if number in columns:
            raise NzipFormatError(f"the member table has column {number} twice")
        columns[number] = body
    known = [*range(_KINDS, _SETS + 1), _HOLES]
    return {number: columns.get(number, Cursor(b"")) for number in known}


def _until_zero(cursor: Cursor) -> bytes:
    end = cursor.data.find(b"\0", cursor.at, cursor.at + _LONGEST_PATH + 1)
    if end < 0:
        raise NzipFormatError("a path or a target that does not end")
    text = cursor.take(end - cursor.at)
    cursor.take(1)
    return text


def _check_path(path: bytes) -> None:
    if len(path) > _LONGEST_PATH or any(part in (b"", b".", b"..") for part in path.split(b"/")):
        raise NzipFormatError("a path that no member may have")


def _choice(column: Cursor, count: int) -> int:
    """A member's number in a column that has values for all members or for none."""
    return column.varint(count) if column.data else 0


def _count(column: Cursor, skip: object) -> int:
    count = 0
    while column:
        skip(column)  # type: ignore[operator]
        count += 1
    return count


def _skip_owner(cursor: Cursor) -> None:
    for _ in range(2):
        cursor.varint(2**32 - 2)
    for _ in range(2):
        cursor.take(cursor.varint(255))


def _skip_set(cursor: Cursor) -> None:
    before: bytes | None = None
    for _ in range(cursor.count()):
        name = cursor.take(cursor.varint(255, 1))
        cursor.take(cursor.varint(2**24))
        if b"\0" in name or (before is not None and name <= before):
            raise NzipFormatError("extended attributes that are not in order")
        before = name


def _read_holes(column: Cursor, size: int) -> Sequence[tuple[int, int]]:
    if not column.data:
        return ()
    holes: list[tuple[int, int]] = []
    at = 0
    for number in range(column.varint(2**16)):
        at += column.varint(least=1 if number else 0)
        here = column.varint(least=1)
        holes.append((at, here))
        at += here
    if at > size:
        raise NzipFormatError("a hole that does not lie in its file")
    return holes


def extract(members: Sequence[Member], plain: bytes, folder: Path) -> None:
    """Restores members into a new folder. Links come last, so nothing is written through them."""
    for member in members:
        if (
            member.kind == FILE
            and xxh3(plain[member.start : member.start + member.size]) & 0xFFFFFFFF != member.check
        ):
            raise NzipChecksumError("a member's content is not what was compressed")
    folder.mkdir()
    root = os.fsencode(folder)
    paths = {member.path: os.path.join(root, member.path) for member in members}
    for member in members:
        path = paths[member.path]
        os.makedirs(path if member.kind == FOLDER else os.path.dirname(path), exist_ok=True)
        if member.kind in (FILE, COPY):
            with open(path, "xb") as target:
                target.write(plain[member.start : member.start + member.size])
    for member in members:
        if member.kind == HARD_LINK:
            os.link(paths[member.target], paths[member.path])
        elif member.kind == SYMBOLIC_LINK:
            os.symlink(member.target, paths[member.path])
    for member in reversed(members):
        path = paths[member.path]
        if member.kind == SYMBOLIC_LINK:
            os.utime(path, ns=(member.mtime_ns, member.mtime_ns), follow_symlinks=False)
        elif member.kind != HARD_LINK:
            os.chmod(path, member.mode)
            os.utime(path, ns=(member.mtime_ns, member.mtime_ns))
