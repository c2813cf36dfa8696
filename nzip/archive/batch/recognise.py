"""Archives that are there and of which no record speaks: whether they are those that would be made."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from nzip.archive.archive import Archive
from nzip.archive.batch.bundle import shares_of
from nzip.archive.batch.pack import Packed, Task, check_unchanged, verify_archive
from nzip.archive.batch.place import Place
from nzip.archive.regular import only_regular
from nzip.errors import NzipError, NzipMemoryError
from nzip.format.checksum import Check32, checksum64
from nzip.format.description import StreamInfo
from nzip.format.members import Member
from nzip.format.times import nearest_time
from nzip.info import info
from nzip.pipeline import EncodeOptions, Encoding, resolve_encoding
from nzip.pipeline.attributes import Attributes
from nzip.pipeline.choice import possible
from nzip.transforms import chain
from nzip.transforms.repeats import MOST, left_out

_PIECE = 1 << 20  # bytes


def recognised(
    place: Place, task: Task, encoding: Encoding, *, verify: bool, progress: Callable[[int], None]
) -> Packed | None:
    """What the work on a file would come to, if the archive that bears its name is just what it would make.

    Its structure, name and time, its blocks' checksums and what they need are compared with the file and the
    options; ``verify`` decodes it, too. Raises OSError when the source cannot be read, NzipMemoryError.
    """
    path, target = place.source_of(task.path), place.target_of(task.path)
    with open(path, "rb", opener=only_regular) as file:
        status = os.fstat(file.fileno())
        try:
            with open(target, "rb", opener=only_regular) as archive:
                coded = os.fstat(archive.fileno()).st_size
                streams = info(archive).streams
        except OSError:
            return None
        wanted, found = Attributes.of(status).metadata(path), streams[0].metadata
        headers = [block.header for block in streams[0].blocks]
        if (
            len(streams) > 1
            or (found.name, found.mtime_ns) != (wanted.name, wanted.mtime_ns)
            or sum(header.plain_size for header in headers) != status.st_size
            or not are_made_with(streams[0], encoding)
        ):
            return None
        sha256 = hashlib.sha256()
        for header in headers:
            plain = file.read(header.plain_size)
            if checksum64(plain) != header.checksum:
                return None
            sha256.update(plain)
    check_unchanged(path, status, status.st_size)
    started = time.monotonic()
    if verify:
        try:
            with open(target, "rb") as archive:
                verify_archive(archive, sha256.hexdigest(), encoding, status.st_size, progress)
        except NzipMemoryError:
            raise
        except NzipError:
            return None
    seconds = time.monotonic() - started
    mtime_ns = nearest_time(status.st_mtime_ns)
    return Packed(task, status.st_size, mtime_ns, coded, sha256.hexdigest(), None, seconds)


def are_made_with(stream: StreamInfo, options: EncodeOptions | Encoding) -> bool:
    """Whether blocks are cut and coded as the options say, as far as that can be seen without coding them."""
    encoding = resolve_encoding(options)
    recovery, block_bytes = encoding.options.recovery, encoding.block_bytes
    if (stream.recovery is None) != (recovery == 0) or (stream.recovery or 0) < recovery:
        return False
    headers = [block.header for block in stream.blocks]
    run_size = 0
    for number, header in enumerate(headers):
        coding = header.coding
        repeats = left_out(header.steps)
        grew = repeats > 0 and block_bytes < header.plain_size <= MOST
        if not grew and header.plain_size != block_bytes and number < len(headers) - 1:
            return False
        if coding is None:  # stored, whatever the options
            continue
        if not coding.continues:
            run_size = encoding.run_bytes(header.plain_size, chain.table_change(header.steps))
        candidates = possible(encoding, header.engine_size, repeats)
        if encoding.refers and encoding.arrays is not None:
            candidates.append(encoding.arrays)
        makers = [candidate for candidate in candidates if candidate.may_have_made(coding, run_size)]
        if (
            not makers
            or coding.keeps != (encoding.solid is not None and encoding.main in makers)
            or (header.plain_size > block_bytes and not grew)
        ):
            return False
    return True


def recognised_members(
    place: Place,
    archive: Archive,
    coded: int,
    files: Iterable[tuple[Task, Member]],
    *,
    verify: bool,
    threads: int,
) -> list[Packed]:
    """The files that are in an archive of so many bytes as they are now, each with the member that may be it.

    A member's checksum is compared; ``verify`` decodes it, too.
    """
    known = {member: (task, digest) for task, member in files if (digest := _digest(place, task, member))}
    if verify:
        intact = set(_intact(archive, {member: digest for member, (_, digest) in known.items()}, threads))
        known = {member: each for member, each in known.items() if member in intact}
    members = archive.members
    shares = dict(zip(members, shares_of(members, archive, coded), strict=True))
    return [
        Packed(task, member.size, member.mtime_ns, shares[member], digest, None, None)
        for member, (task, digest) in known.items()
    ]


def _digest(place: Place, task: Task, member: Member) -> str:
    """The SHA-256 of a file whose checksum is its member's; "" where it is not."""
    check, sha256 = Check32(), hashlib.sha256()
    try:
        with open(place.source_of(task.path), "rb", opener=only_regular) as file:
            while piece := file.read(_PIECE):
                check.update(piece)
                sha256.update(piece)
    except OSError:
        return ""
    return sha256.hexdigest() if check.value == member.check else ""


def _intact(archive: Archive, digests: Mapping[Member, str], threads: int) -> Iterator[Member]:
    """The members that decode to what has their digests."""
    for group, pieces in archive.contents(digests, threads=threads):
        sha256 = hashlib.sha256()
        try:
            for piece in pieces:
                sha256.update(piece)
        except NzipMemoryError:
            raise
        except NzipError:
            continue
        yield from (member for member in group if digests[member] == sha256.hexdigest())
