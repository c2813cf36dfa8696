"""What is said of the members of an archive."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Sequence
from typing import Any

from nzip.archive import Archive, Member, MemberKind
from nzip.cli.times import local_time
from nzip.messages import printable

_KINDS = {
    MemberKind.FILE: ("file", stat.S_IFREG),
    MemberKind.HARD_LINK: ("hard link", stat.S_IFREG),
    MemberKind.SYMBOLIC_LINK: ("symbolic link", stat.S_IFLNK | 0o777),
    MemberKind.FOLDER: ("folder", stat.S_IFDIR),
}


def by_path(members: Sequence[Member]) -> list[Member]:
    """What a folder holds right behind the folder."""
    return sorted(members, key=lambda member: member.path.split("/"))


def as_json(name: str, archive: Archive, members: Sequence[Member]) -> Iterator[str]:
    """An object for each member, and one with their sums."""
    for member in members:
        yield json.dumps(_record(archive, member))
    size, packed = _totals(archive, members)
    yield json.dumps({"file": name, "members": len(members), "size": size, "packed": packed})


def _record(archive: Archive, member: Member) -> dict[str, Any]:
    owner = member.owner
    return {
        "path": member.path,
        "kind": _KINDS[member.kind][0],
        "size": member.size,
        "packed": _packed(archive, member),
        "mode": member.mode,
        "mtime_ns": member.mtime_ns,
        "target": member.target,
        "owner": None if owner is None else owner._asdict(),
        "holes": [list(hole) for hole in member.holes],
        "xattrs": {name: value.hex() for name, value in member.xattrs},
    }


def as_table(archive: Archive, members: Sequence[Member]) -> Iterator[str]:
    """A line for each member, and one with their sums."""
    owners = [_owner(member) for member in members]
    width = max(map(len, owners), default=0)
    for member, owner in zip(members, owners, strict=True):
        mode = stat.filemode(_KINDS[member.kind][1] | member.mode)
        who = f" {owner:<{width}}" if width else ""
        sizes = f"{member.size:>12} {_packed(archive, member):>12}"
        arrow = f" -> {printable(member.target)}" if member.target else ""
        yield f"{mode}{who} {sizes} {local_time(member.mtime_ns)}  {printable(member.path)}{arrow}"
    size, packed = _totals(archive, members)
    space = f" {'':<{width}}" if width else ""
    yield f"{'':10}{space} {size:>12} {packed:>12} {'':19}  {len(members)} members"


def _owner(member: Member) -> str:
    owner = member.owner
    if owner is None:
        return ""
    return printable(f"{owner.user or owner.uid}/{owner.group or owner.gid}")


def _packed(archive: Archive, member: Member) -> int:
    """The content's share of the blocks that it lies in."""
    return round(archive.blocks.coded_size(member.offset, member.offset + member.size))


def _totals(archive: Archive, members: Sequence[Member]) -> tuple[int, int]:
    """Bytes of all members, and their packed bytes, of which a content that several share counts once."""
    contents = {(member.offset, member.offset + member.size) for member in members if member.has_content}
    packed = sum(archive.blocks.coded_size(start, end) for start, end in contents)
    return sum(member.size for member in members), round(packed)
