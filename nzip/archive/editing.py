"""An archive without some of its members, or with others' names. No block is decoded."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import BinaryIO

from nzip.archive.archive import Archive
from nzip.archive.ending import Made, end_archive
from nzip.archive.grouping import Grouping
from nzip.archive.known import not_replaced
from nzip.format.members import Member, is_member_path, table_order
from nzip.format.registry import MemberKind
from nzip.machine import default_memory_limit
from nzip.options import EncodeOptions
from nzip.pipeline.encoder import Encoder
from nzip.streams import write_all

_NOTHING_TO_CODE = EncodeOptions(level=1, threads=1)


def delete(old: Archive, dst: BinaryIO, members: Iterable[Member]) -> Made:
    """Writes an archive of all that ``old`` holds but these members.

    Blocks that no other member needs are left out. What shares a block with others stays in the file.
    """
    return _rewrite(old, dst, list(not_replaced(old, {member.path for member in members})))


def rename(old: Archive, dst: BinaryIO, path: str, new: str) -> Made:
    """Writes an archive of all that ``old`` holds, with a member, or a folder and all in it, at ``new``.

    Where symbolic links lead stays as it is. Raises FileNotFoundError when there is no such member,
    FileExistsError when the new path is taken, NotADirectoryError when it lies below a file, and OSError for
    what no member can be called.
    """
    if not is_member_path(os.fsencode(new)):
        raise OSError(errno.EINVAL, "is no path that a member can have", new)
    moved = {member.path for member in old if _is_at(member.path, path)}
    if not moved:
        raise FileNotFoundError(errno.ENOENT, "is not in the archive", path)
    for member in old:
        if _is_at(member.path, new):
            raise FileExistsError(errno.EEXIST, "is in the archive already", new)
        if member.kind != MemberKind.FOLDER and member.path not in moved and _is_at(new, member.path):
            raise NotADirectoryError(errno.ENOTDIR, "is no folder in the archive", member.path)

    def renamed(name: str) -> str:
        return new + name[len(path) :] if name in moved else name

    def changed(member: Member) -> Member:
        target = renamed(member.target) if member.kind == MemberKind.HARD_LINK else member.target
        return member._replace(path=renamed(member.path), target=target)

    return _rewrite(old, dst, [changed(member) for member in old])


def _rewrite(old: Archive, dst: BinaryIO, members: list[Member]) -> Made:
    """Writes an archive of members of another one, perhaps renamed, and of the blocks that they need."""
    blocks = old.blocks
    touched = {
        number
        for member in members
        if member.has_content
        for number in blocks.numbers(member.offset, member.offset + member.size)
    }
    needed = {each for number in touched for each in range(blocks.run_start(number), number + 1)}
    starts = [0]  # of the blocks, in the plaintext that is left, and its end
    for number in range(len(blocks)):
        size = blocks.plain_start(number + 1) - blocks.plain_start(number)
        starts.append(starts[-1] + (size if number in needed else 0))

    def moved(member: Member) -> Member:
        if not member.has_content:
            return member
        number = blocks.block_at(member.offset)
        behind = member.offset - blocks.plain_start(number) if number in needed else 0
        return member._replace(offset=starts[number] + behind)

    members = sorted(map(moved, members), key=table_order)
    grouping = Grouping()
    for member in members:
        grouping.add([member], member.offset + member.size)
    own_prime = blocks.own_prime
    records = b"" if own_prime is None else own_prime.record
    options = replace(_NOTHING_TO_CODE, recovery=old.recovery)
    encoder = Encoder(options, records=records, before_block=grouping.before_block)
    for number in sorted(needed):
        write_all(dst, encoder.copy_block(*blocks.read_block(number)))
    return end_archive(dst, encoder, members, grouping, starts[-1], default_memory_limit())


def _is_at(path: str, place: str) -> bool:
    """Whether a path is a place or lies below it."""
    return path == place or path.startswith(f"{place}/")
