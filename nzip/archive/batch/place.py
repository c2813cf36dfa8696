"""Where a job's files come from, and where they go."""

from __future__ import annotations

import os
from dataclasses import dataclass

from nzip.pipeline.target import SUFFIX

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
        return os.path.join(self.target, path + SUFFIX)

    def archive_size(self, path: str) -> int | None:
        """Bytes of a file's archive; None where there is none, or none can be seen."""
        try:
            return os.lstat(self.target_of(path)).st_size
        except OSError:
            return None
