"""Choosing members by name."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence

from nzip.format.members import Member


def select(members: Iterable[Member], names: Sequence[str]) -> tuple[list[Member], list[str]]:
    """The members that are called so, lie in a folder called so, or match a pattern; and what names nothing.

    In a pattern ``*`` stands for any characters, ``?`` for one, ``[...]`` for one of these. What is the path
    of a member or of a folder is no pattern.
    """
    wanted = {as_member_path(name): name for name in names}
    chosen: dict[str, Member] = {}
    others = []
    found = set()
    for member in members:
        if above := wanted.keys() & _with_parents(member.path):
            found |= above
            chosen[member.path] = member
        else:
            others.append(member)
    for pattern in wanted.keys() - found:
        matches = re.compile(fnmatch.translate(pattern)).match
        if matching := [member for member in others if matches(member.path)]:
            found.add(pattern)
            chosen |= {member.path: member for member in matching}
    return list(chosen.values()), [name for wanted_path, name in wanted.items() if wanted_path not in found]


def as_member_path(name: str) -> str:
    """A member's path, as people write it.

    >>> as_member_path("./a/b/")
    'a/b'
    """
    return name.removeprefix("./").rstrip("/")


def _with_parents(path: str) -> set[str]:
    parts = path.split("/")
    return {"/".join(parts[:count]) for count in range(1, len(parts) + 1)}
