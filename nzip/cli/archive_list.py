"""nzip archive list: what is said of members."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Sequence
from typing import Any

import click

from nzip.archive import Archive, Member, MemberKind
from nzip.cli import options
from nzip.cli.archive_members import archive_argument, chosen_members, members_argument
from nzip.cli.console import Console, tell
from nzip.cli.decoding import reading
from nzip.cli.hints import open_archive
from nzip.cli.source import open_source
from nzip.cli.times import local_time
from nzip.messages import printable
from nzip.pipeline import Decoding

_KINDS = {
    MemberKind.FILE: ("file", stat.S_IFREG),
    MemberKind.HARD_LINK: ("hard link", stat.S_IFREG),
    MemberKind.SYMBOLIC_LINK: ("symbolic link", stat.S_IFLNK | 0o777),
    MemberKind.FOLDER: ("folder", stat.S_IFDIR),
}


@click.command("list", short_help="List members.")
@archive_argument
@members_argument
@options.console
@reading
def list_(name: str, members: Sequence[str], decoding: Decoding, console: Console) -> int:
    """Show the paths of all members, or of each MEMBER, in order.

    -v shows modes, owners where they are stored, sizes, packed sizes and times, too, and the sums. A member's
    packed size is its share of its blocks; contents that members share count once in the sum.
    """

    def work(name: str) -> None:
        with (
            open_source(name, any_kind=True) as source,
            open_archive(source, decoding) as found,
        ):
            chosen = _by_path(chosen_members(found, members, console))
            if console.as_json:
                lines = list(_as_json(name, found, chosen))
            elif console.verbose:
                lines = list(_as_table(found, chosen))
            else:
                lines = [printable(member.path) for member in chosen]
        if lines:
            tell("\n".join(lines))

    return console.for_each([name], work)


def _by_path(members: Sequence[Member]) -> list[Member]:
    """What a folder holds right behind the folder."""
    return sorted(members, key=lambda member: member.path.split("/"))


def _as_json(name: str, archive: Archive, members: Sequence[Member]) -> Iterator[str]:
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


def _as_table(archive: Archive, members: Sequence[Member]) -> Iterator[str]:
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
