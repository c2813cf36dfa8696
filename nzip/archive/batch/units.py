"""What engines work on: files, or bundles of them."""

from __future__ import annotations

import errno
from collections.abc import Callable

from nzip.archive.batch.bundle import Bundle, Bundled, all_failed, pack_bundle
from nzip.archive.batch.pack import Failed, Packed, Task, pack
from nzip.archive.batch.place import Place
from nzip.archive.batch.recognise import recognised
from nzip.errors import NzipMemoryError
from nzip.pipeline import Encoding, memory_needed, threads_for

Unit = Task | Bundle
Answer = Packed | Failed | Bundled

MEMBER_BYTES = 2048  # of memory that a file takes in an archive, besides the coding


def do(
    place: Place,
    unit: Unit,
    encoding: Encoding,
    *,
    verify: bool,
    progress: Callable[[int], None] = lambda _done: None,
) -> Answer:
    """The work on a unit; see ``pack`` and ``pack_bundle``. What is there, and as wanted, is taken over."""
    if isinstance(unit, Bundle):
        return pack_bundle(place, unit, encoding, verify=verify, progress=progress)
    if unit.found:
        try:
            if found := recognised(place, unit, encoding, verify=verify, progress=progress):
                return found
        except (OSError, MemoryError) as error:
            return Failed(unit, error)
        if not unit.replaces:
            return Failed(
                unit, FileExistsError(errno.EEXIST, "is not the job's own", place.target_of(unit.path))
            )
    return pack(place, unit, encoding, verify=verify, progress=progress)


def failed(unit: Unit, error: OSError | MemoryError) -> Answer:
    """The answer when there is none: its worker died."""
    return all_failed(unit, error) if isinstance(unit, Bundle) else Failed(unit, error)


def needs(encoding: Encoding, unit: Unit) -> tuple[int, int]:
    """How many threads and how many bytes of memory the work on a unit takes."""
    members = MEMBER_BYTES * len(unit.files) if isinstance(unit, Bundle) else 0
    try:
        return threads_for(encoding, unit.size), memory_needed(encoding, unit.size) + members
    except NzipMemoryError:  # too large for the limit, as the work will tell
        return 1, 0
