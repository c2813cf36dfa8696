"""Choosing members by name."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Sequence

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
    lengths = sorted({len(path) for path in wanted})
    for member in members:
        if above := {path for path in _with_parents(member.path, lengths) if path in wanted}:
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


def _with_parents(path: str, lengths: Sequence[int]) -> Iterator[str]:
    """Those of the path and its parents that are so long."""
    for length in lengths:
        if path[length : length + 1] in ("", "/") and length <= len(path):
            yield path[:length]
