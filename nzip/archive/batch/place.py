"""Where a job's files come from, and where they go."""

from __future__ import annotations

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


def size_of(path: str) -> int | None:
    """Bytes of an archive; None where there is none, or none can be seen."""
    try:
        return os.lstat(path).st_size
    except OSError:
        return None
