"""The work on an archive of several files: store them, verify, and only then give it its name."""

from __future__ import annotations

import errno
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import BinaryIO, NamedTuple, cast

from nzip.archive.archive import Archive
from nzip.archive.batch.pack import Failed, Packed, SourceChangedError, Task
from nzip.archive.batch.place import Place
from nzip.archive.making import store
from nzip.archive.tree import ArchiveWarning, Entry, FileChangedWarning, entry_at
from nzip.errors import NzipChecksumError
from nzip.format.members import Member
from nzip.format.registry import MemberKind
from nzip.format.times import OUT_OF_RANGE
from nzip.pipeline import Encoding
from nzip.pipeline.target import new_file


@dataclass(frozen=True)
class Bundle:
    """Files that are to share an archive, all of one setting."""

    archive: int  # its number
    files: tuple[Task, ...]

    @property
    def size(self) -> int:
        return sum(task.size for task in self.files)

    @property
    def setting(self) -> int:
        return self.files[0].setting

    @property
    def tried(self) -> bool:
        return any(task.tried for task in self.files)


@dataclass(frozen=True)
class Bundled:
    """What became of a bundle: of each file, and of the archive, which there is if any file is in it."""

    bundle: Bundle
    files: list[Packed | Failed]
    coded: int = 0  # bytes of the archive


def all_failed(bundle: Bundle, error: OSError | MemoryError) -> Bundled:
    """No archive, for a reason that its files have in common."""
    return Bundled(bundle, [Failed(task, error) for task in bundle.files])


def pack_bundle(
    place: Place,
    bundle: Bundle,
    encoding: Encoding,
    *,
    verify: bool,
    progress: Callable[[int], None] = lambda _done: None,
) -> Bundled:
    """Makes an archive of the files that can be read. All that can go wrong is in the answer.

    ``progress`` is told, of the files' bytes, how many are done; verification is half of the work.
    """
    try:
        return _pack(place, bundle, encoding, verify, progress)
    except FileExistsError as error:
        taken = OSError(errno.EAGAIN, "its name was taken meanwhile", error.filename)
        return all_failed(bundle, taken)  # to be tried again with another number
    except (OSError, MemoryError) as error:
        return all_failed(bundle, error)


class _Stored(NamedTuple):
    task: Task
    member: Member
    digest: bytes
    warning: str | None


def _pack(
    place: Place, bundle: Bundle, encoding: Encoding, verify: bool, progress: Callable[[int], None]
) -> Bundled:
    passes = 2 if verify else 1
    tasks = {place.source_of(task.path): task for task in bundle.files}
    failed: list[Failed] = []
    stored: list[_Stored] = []
    timeless: set[str] = set()  # paths of files whose times do not fit

    def complain(source: str, error: Exception) -> None:
        failed.append(Failed(tasks[source], _as_os_error(error, source)))

    def keep(member: Member, digest: bytes) -> None:
        warning = OUT_OF_RANGE if member.path in timeless else None
        stored.append(_Stored(tasks[place.source_of(member.path)], member, digest, warning))

    with new_file(place.archive_of(bundle.archive), overwrite=False, scratch=place.scratch) as target:
        start = time.monotonic()
        made = store(
            cast(BinaryIO, target),  # only ever written to
            _entries(place, bundle, complain, timeless),
            encoding,
            stored=keep,
            keeps_changed=False,
            complain=complain,
            progress=lambda plain, _: progress(plain // passes),
            alone=False,
        )
        if not stored:
            return Bundled(bundle, [*failed])
        coded_at = time.monotonic()
        with (
            target.written() as file,
            Archive(file, encoding.decoding()) as archive,
        ):
            if verify:
                digests = {each.member.path: each.digest for each in stored}
                _verify(archive, digests, lambda done: progress((bundle.size + done) // 2))
            seconds, verify_seconds = coded_at - start, time.monotonic() - coded_at
            packed = list(_shares(stored, archive, made.coded, seconds, verify_seconds))
        target.finish()
    return Bundled(bundle, [*packed, *failed], made.coded)


def _entries(
    place: Place, bundle: Bundle, complain: Callable[[str, Exception], None], timeless: set[str]
) -> Iterator[Entry]:
    """The files as they are now; ``timeless`` takes the paths of those whose times do not fit."""
    for task in bundle.files:
        source = place.source_of(task.path)
        try:
            entry = entry_at(source, task.path)
            if entry.member.kind != MemberKind.FILE:
                raise ArchiveWarning("is no longer a regular file")
        except (OSError, ArchiveWarning) as error:
            complain(source, error)
        else:
            if not entry.keeps_time:
                timeless.add(task.path)
            yield entry


def _as_os_error(error: Exception, source: str) -> OSError:
    if isinstance(error, OSError):
        return error
    if isinstance(error, FileChangedWarning):
        return SourceChangedError(errno.EAGAIN, "changed while it was read", source)
    return OSError(errno.EINVAL, str(error), source)


def _verify(archive: Archive, digests: dict[str, bytes], progress: Callable[[int], None]) -> None:
    """Decode what was written, and compare each member with what was read."""
    done = 0
    for group, pieces in archive.contents(archive):
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        done += group[0].size
        progress(done)
        for member in group:
            if digests.pop(member.path, None) != digest.digest():
                raise _not_restored()
    if digests:
        raise _not_restored()


def _not_restored() -> NzipChecksumError:
    return NzipChecksumError("the archive does not restore its files: a defect of nzip or of the machine")


def _shares(
    stored: Sequence[_Stored], archive: Archive, coded: int, seconds: float, verify_seconds: float
) -> Iterator[Packed]:
    """The archive's bytes, and the time, divided by the files' sizes."""
    members = [each.member for each in stored]
    plain = max(1, sum(each.size for each in members))
    for each, own in zip(stored, shares_of(members, archive, coded), strict=True):
        share = each.member.size / plain
        yield Packed(
            each.task,
            each.member.size,
            each.member.mtime_ns,
            own,
            each.digest.hex(),
            seconds * share,
            verify_seconds * share,
            each.warning,
        )


def shares_of(members: Sequence[Member], archive: Archive, coded: int) -> list[int]:
    """What is each member's of the archive's bytes, which are divided as its blocks are."""
    # A byte more for each, since members without a content cost, too.
    weights = [1 + archive.blocks.coded_size(each.offset, each.offset + each.size) for each in members]
    total = sum(weights)
    ends = [round(coded * end / total) for end in accumulate(weights, initial=0.0)]
    return [end - begin for begin, end in pairwise(ends)]
