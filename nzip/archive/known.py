"""What an archive holds already, as far as kinds, sizes, modes and times tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from nzip.archive.selection import ALL, Selection
from nzip.archive.tree import Entry
from nzip.format.members import Member
from nzip.format.registry import MemberKind


class Known:
    """The members of an archive, by path. No content is looked at."""

    def __init__(self, members: Iterable[Member], selection: Selection = ALL) -> None:
        """Owners and attributes count where ``selection`` asks for them."""
        self._members = {member.path: _selected(member, selection) for member in members}
        self._names = Counter(_file(member) for member in self._members.values())

    def holds(self, names: Sequence[Entry]) -> bool:
        """Whether all names of a file, or a folder or link, are there as they are on the disk."""
        members = [self._members.get(entry.member.path) for entry in names]
        if [member and _as_found(member) for member in members] != [entry.member for entry in names]:
            return False
        files = {_file(member) for member in members if member is not None}
        return len(files) == 1 and (names[0].links > 1 or self._names[files.pop()] == 1)

    def content(self, entry: Entry) -> Member | None:
        """The member that has a file's content, to judge by its path, size and time."""
        member = self._members.get(entry.member.path)
        if member is None or not member.has_content:
            return None
        found = entry.member
        return member if (member.size, member.mtime_ns) == (found.size, found.mtime_ns) else None


def not_replaced(old: Iterable[Member], replaced: set[str]) -> Iterator[Member]:
    """The members of an archive but those of some paths."""
    heirs: dict[str, str] = {}  # of a name that is replaced: the one that takes its place for its hard links
    for member in old:
        if member.path in replaced:
            continue
        if member.kind == MemberKind.HARD_LINK and member.target in replaced:
            heir = heirs.setdefault(member.target, member.path)
            member = member._replace(target=heir)
            if heir == member.path:
                member = member._replace(kind=MemberKind.FILE, target="")
        yield member


def _selected(member: Member, selection: Selection) -> Member:
    return member._replace(
        owner=member.owner if selection.owner else None, xattrs=member.xattrs if selection.xattrs else ()
    )


def _file(member: Member) -> str:
    """The same for all names of a file, and for nothing else."""
    return member.target if member.kind == MemberKind.HARD_LINK else member.path


def _as_found(member: Member) -> Member:
    """What would be found on the disk if the member were restored there."""
    if not member.has_content:
        return member
    return member._replace(kind=MemberKind.FILE, offset=0, check=0, target="", holes=())
