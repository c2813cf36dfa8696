"""Locks that forking leaves free."""

from __future__ import annotations

import os
from threading import Lock
from types import TracebackType


class ProcessLock:
    """A lock that lives as long as the process. A child that is forked has it free.

    The thread that held the parent's does not exist in the child, and would never give it back.
    """

    def __init__(self) -> None:
        self._renew()
        os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
