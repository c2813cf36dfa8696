"""Making an archive of files on the disk, or adding them to an older archive."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO

from nzip.archive.archive import Archive
from nzip.archive.ending import Made
from nzip.archive.grouping import Grouping
from nzip.archive.known import Known, not_replaced
from nzip.archive.order import by_similarity
from nzip.archive.selection import ALL, Selection
from nzip.archive.tree import ArchiveWarning, Complaint, Entry, raise_it, walk
from nzip.archive.writer import ArchiveWriter, Stored
from nzip.errors import NzipMemoryError
from nzip.format.registry import MemberKind, TransformId
from nzip.format.times import OUT_OF_RANGE
from nzip.options import EncodeOptions
from nzip.pipeline.encoder import Encoder
from nzip.pipeline.memory import threads_for
from nzip.pipeline.own_primes import OwnPrime
from nzip.pipeline.resolve import Encoding, resolve_encoding
from nzip.progress import Progress

# One member costs the decoding of its block, about a second of it; larger blocks would be smaller in sum.
BLOCK_SIZE = 512 << 10
BLOCK_SIZE_WITH_NETWORK = 256 << 10
LARGEST_BLOCK = 16 << 20  # of a file that is opened as a whole or not at all


def create(
    dst: BinaryIO,
    paths: Iterable[str],
    options: EncodeOptions | Encoding | None = None,
    *,
    folder: str = ".",
    own_prime: OwnPrime | None = None,
    selection: Selection = ALL,
    avoid: Iterable[tuple[int, int]] = (),
    complain: Complaint = raise_it,
    expect: Callable[[int], None] | None = None,
    progress: Progress | None = None,
) -> Made:
    """Writes an archive of the files and folders that ``paths``, relative to ``folder``, name.

    ``complain`` is called with the path and the error for what cannot be read, which is left out; by default
    it raises the error. ``selection`` says which files are taken, and what of them. ``avoid`` are files, by
    device and inode, that are passed over, as ``dst`` is. ``expect`` is told how many bytes of content
    ``progress`` will count at most. ``own_prime`` is a text that goes into the archive, whose blocks start
    from it.
    """
    entries = _entries(dst, paths, folder, selection, avoid, complain)
    return store(
        dst, entries, options, own_prime=own_prime, complain=complain, expect=expect, progress=progress
    )


def append(
    old: Archive,
    dst: BinaryIO,
    paths: Iterable[str],
    options: EncodeOptions | Encoding | None = None,
    *,
    folder: str = ".",
    selection: Selection = ALL,
    avoid: Iterable[tuple[int, int]] = (),
    checksum: bool = False,
    always: bool = True,
    complain: Complaint = raise_it,
    expect: Callable[[int], None] | None = None,
    progress: Progress | None = None,
) -> Made:
    """Writes an archive of all that ``old`` holds and of the files that ``paths`` name.

    A file replaces the member of the same path, whose content stays. Where size and time are the same, so is
    the content, unless ``checksum`` has it read and compared. The old blocks are copied as they are. Not
    ``always``, nothing at all is written when nothing is new or different. Everything else is as with
    ``create``.
    """
    entries = _entries(dst, paths, folder, selection, avoid, complain)
    return store(
        dst,
        entries,
        options,
        old=old,
        selection=selection,
        checksum=checksum,
        always=always,
        complain=complain,
        expect=expect,
        progress=progress,
    )


def _entries(
    dst: BinaryIO,
    paths: Iterable[str],
    folder: str,
    selection: Selection,
    avoid: Iterable[tuple[int, int]],
    complain: Complaint,
) -> Iterator[Entry]:
    for entry in walk(paths, folder, complain, {*avoid, *_inode_of(dst)}, selection):
        if not entry.keeps_time:
            complain(entry.source, ArchiveWarning(OUT_OF_RANGE))
        yield entry


def _inode_of(file: BinaryIO) -> Iterator[tuple[int, int]]:
    with suppress(AttributeError, io.UnsupportedOperation):  # a file in memory
        status = os.fstat(file.fileno())
        yield status.st_dev, status.st_ino


def archive_encoding(options: EncodeOptions | Encoding | None, own_prime: OwnPrime | None = None) -> Encoding:
    """With the block size that archives have unless the options say another one."""
    encoding = resolve_encoding(options, None if own_prime is None else own_prime.prime)
    if encoding.options.block_size is not None:
        return encoding
    size = BLOCK_SIZE if encoding.components.network is None else BLOCK_SIZE_WITH_NETWORK
    return encoding.with_options(block_size=size)


def largest_block(encoding: Encoding) -> int:
    """Bytes for which a block has memory, with no fewer threads; 0: no more than others have.

    Another block size than archives have was asked for, and is kept.
    """
    if encoding.block_bytes not in (BLOCK_SIZE, BLOCK_SIZE_WITH_NETWORK) or encoding.solid is not None:
        return 0
    if TransformId.UNPACK in encoding.without:
        return 0
    with suppress(NzipMemoryError):
        if threads_for(encoding.with_options(block_size=LARGEST_BLOCK)) >= threads_for(encoding):
            return LARGEST_BLOCK
    return 0


def store(
    dst: BinaryIO,
    entries: Iterable[Entry],
    options: EncodeOptions | Encoding | None = None,
    *,
    old: Archive | None = None,
    selection: Selection = ALL,
    checksum: bool = False,
    always: bool = True,
    own_prime: OwnPrime | None = None,
    stored: Stored | None = None,
    keeps_changed: bool = True,
    complain: Complaint = raise_it,
    expect: Callable[[int], None] | None = None,
    progress: Progress | None = None,
    alone: bool = True,
) -> Made:
    """Writes an archive of entries, and of all that ``old`` holds where it is given; ``append`` says how.

    ``own_prime`` goes into the archive, and its blocks start from it unless the options name another one; the
    prime of ``old`` stays with it. ``stored`` is told each file's member and the SHA-256 of its content. A
    file that changes while it is read is complained of, and left out unless ``keeps_changed``. Everything
    else is as with ``create``. Not ``alone``, it takes no more threads than it has blocks.
    """
    files: dict[tuple[int, int] | str, list[Entry]] = {}  # by inode, where there are hard links
    others = []
    known = Known([] if old is None or checksum else old, selection)
    for entry in entries:
        if entry.member.kind == MemberKind.FILE:
            files.setdefault(_file_key(entry), []).append(entry)
        elif not known.holds([entry]):
            others.append(entry.member)
    files = {key: names for key, names in files.items() if not known.holds(names)}
    sizes = Counter(names[0].member.size for names in files.values())
    plain_size = sum(size * count for size, count in sizes.items())
    if expect is not None:
        expect(plain_size + (0 if old is None else old.blocks.plain_size))
    own_prime = old.blocks.own_prime if old is not None else own_prime
    encoding = archive_encoding(options, own_prime)
    if old is not None:
        recovery = encoding.options.recovery
        always = always or recovery > old.recovery
        encoding = encoding.with_options(recovery=max(recovery, old.recovery))
    records = b"" if own_prime is None else own_prime.record
    grouping = Grouping()
    encoder = Encoder(encoding, None, plain_size, progress, records, alone, grouping.before_block)
    writer = ArchiveWriter(
        dst,
        encoder,
        encoding,
        grouping,
        sizes,
        known,
        complain,
        stored,
        keeps_changed,
        old,
        always,
        largest_block(encoding),
    )
    grouping.add(others, 0)
    if old is not None:
        new = {entry.member.path for names in files.values() for entry in names}
        for member in not_replaced(old, new | {member.path for member in others}):
            grouping.add([member], member.offset + member.size)
    for first in by_similarity([names[0] for names in files.values()]):
        writer.add(files[_file_key(first)])
    return writer.finish(others)


def _file_key(entry: Entry) -> tuple[int, int] | str:
    return entry.inode if entry.links > 1 else entry.source
