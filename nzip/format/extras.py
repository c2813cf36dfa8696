"""What members may have besides: owners and extended attributes, each distinct one written once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from nzip.errors import NzipFormatError
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_BODY, MAX_ENTRIES

MAX_ID = (1 << 32) - 2  # the next number means "nobody" to systems
MAX_NAME = 255  # bytes of a user's, a group's or an attribute's name
MAX_VALUE = MAX_BODY  # bytes of an attribute's value

EXTRA_MEMORY = 400  # bytes that an owner or an attribute takes at most, its texts aside

Spend = Callable[[int], None]
_Item = TypeVar("_Item")


class Owner(NamedTuple):
    """Whose a file is. A name is "" where the system has none."""

    uid: int
    gid: int
    user: str = ""
    group: str = ""


# Names, as ``os.fsdecode`` makes them, and values, in the order of the names' bytes.
Xattrs = tuple[tuple[str, bytes], ...]


def encode_owners(owners: Iterable[Owner]) -> bytes:
    """Owners, one behind another. Raises ValueError for one that no reader would accept."""
    data = bytearray()
    for owner in owners:
        _check_owner(owner)
        data += encode_varint(owner.uid) + encode_varint(owner.gid)
        data += _sized(os.fsencode(owner.user)) + _sized(os.fsencode(owner.group))
    return bytes(data)


def parse_owners(data: bytes, spend: Spend) -> list[Owner]:
    """The owners in these bytes. ``spend`` is told what they take of the memory."""

    def parse(cursor: Cursor) -> Owner:
        numbers = cursor.varint(), cursor.varint()
        names = _take(cursor, MAX_NAME), _take(cursor, MAX_NAME)
        spend(EXTRA_MEMORY + 4 * len(b"".join(names)))
        owner = Owner(*numbers, *map(os.fsdecode, names))
        _check_owner(owner)
        return owner

    return _parse_all(data, parse)


def encode_xattrs(sets: Iterable[Xattrs]) -> bytes:
    """Sets of attributes, one behind another. Raises ValueError for one that no reader would accept."""
    data = bytearray()
    for xattrs in sets:
        _check_xattrs(xattrs)
        data += encode_varint(len(xattrs))
        for name, value in xattrs:
            data += _sized(os.fsencode(name)) + _sized(value)
    return bytes(data)


def parse_xattrs(data: bytes, spend: Spend) -> list[Xattrs]:
    """The sets of attributes in these bytes. ``spend`` is told what they take of the memory."""

    def parse(cursor: Cursor) -> Xattrs:
        pairs = []
        for _ in range(cursor.varint()):
            name, value = _take(cursor, MAX_NAME), _take(cursor, MAX_VALUE)
            spend(EXTRA_MEMORY + 4 * len(name) + len(value))
            pairs.append((os.fsdecode(name), value))
        xattrs = tuple(pairs)
        _check_xattrs(xattrs)
        return xattrs

    return _parse_all(data, parse)


def _check_owner(owner: Owner) -> None:
    if not (0 <= owner.uid <= MAX_ID and 0 <= owner.gid <= MAX_ID):
        raise ValueError(f"no owner has the numbers {owner.uid} and {owner.gid}")
    for name in owner.user, owner.group:
        _check_name(name)


def _check_xattrs(xattrs: Xattrs) -> None:
    names = [os.fsencode(name) for name, _ in xattrs]
    if not 0 < len(names) <= MAX_ENTRIES or sorted(set(names)) != names or not names[0]:
        raise ValueError(f"{len(names)} attributes are not in the order of their names, each once")
    for name, value in xattrs:
        _check_name(name)
        if len(value) > MAX_VALUE:
            raise ValueError(f"an attribute of {len(value)} bytes")


def _check_name(name: str) -> None:
    if len(os.fsencode(name)) > MAX_NAME or "\0" in name:
        raise ValueError(f"{name[:MAX_NAME]!r} is no name of a user, a group or an attribute")


def _parse_all(data: bytes, parse: Callable[[Cursor], _Item]) -> list[_Item]:
    cursor = Cursor(data)
    items = []
    try:
        while cursor.remaining:
            items.append(parse(cursor))
    except ShortInputError:
        raise NzipFormatError("a column of the member table ends inside a value") from None
    except ValueError as error:
        raise NzipFormatError(f"member table: {error}") from None
    return items


def _sized(value: bytes) -> bytes:
    return encode_varint(len(value)) + value


def _take(cursor: Cursor, most: int) -> bytes:
    size = cursor.varint()
    if size > most:
        raise ValueError(f"a text of {size} bytes, more than {most}")
    return cursor.take(size)
