"""Where a job's files come from, and where they go."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass

from nzip.pipeline.target import SUFFIX

ARCHIVE_SUFFIX = ".nza"
STATE_FOLDER = ".nzip-batch"  # in the target: the ledger, the log, and files that are not complete


def ledger_in(target: str) -> str:
    """The ledger of the job with this target, unless the job has it elsewhere."""
    return os.path.join(target, STATE_FOLDER, "ledger.sqlite")


@dataclass(frozen=True)
class Place:
    """Two folders, by absolute paths that every worker knows them by."""

    source: str
    target: str

    @property
    def state(self) -> str:
        return os.path.join(self.target, STATE_FOLDER)

    @property
    def scratch(self) -> str:
        """For files that are not complete: on the target's file system, and swept when a job begins."""
        return os.path.join(self.state, "incomplete")

    def source_of(self, path: str) -> str:
        return os.path.join(self.source, path)

    def target_of(self, path: str) -> str:
        """The archive of a file that has its own."""
        return os.path.join(self.target, path + SUFFIX)

    def archive_of(self, number: int) -> str:
        """The archive of that number, of several files."""
        return os.path.join(self.target, f"{number:05}{ARCHIVE_SUFFIX}")


def number_of(name: str) -> int | None:
    """The number of an archive of several files, from its name; None where it is no such name."""
    digits = name.removesuffix(ARCHIVE_SUFFIX)
    number = int(digits) if digits.isdecimal() and len(digits) < 10 else 0
    return number if number and name == f"{number:05}{ARCHIVE_SUFFIX}" else None


def refuse_links(state: str) -> None:
    """Raises OSError for a link where a job keeps its records: what is written there must stay there."""
    with os.scandir(state) as entries:
        links = [entry.path for entry in entries if entry.is_symlink()]
    if os.path.islink(state) or links:
        raise OSError(
            errno.ELOOP, "is a link, which nothing that a job writes to may be", (links or [state])[0]
        )


def size_of(path: str) -> int | None:
    """Bytes of an archive; None where there is none, or none can be seen."""
    try:
        return os.lstat(path).st_size
    except OSError:
        return None
