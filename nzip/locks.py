"""Locks that forking leaves free, and threads that others may wait for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local
from types import TracebackType


class _Thread(local):
    waited_for = 0  # reasons why


_here = _Thread()


@contextmanager
def waited_for() -> Iterator[None]:
    """What is done meanwhile, others may wait for."""
    _here.waited_for += 1
    try:
        yield
    finally:
        _here.waited_for -= 1


def is_waited_for() -> bool:
    """Whether others may wait for this thread: it works for them, or holds a lock.

    The garbage collector may run at any moment, on any thread. What it closes then must not wait for others:
    they might wait for this thread.
    """
    return _here.waited_for > 0


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
        _here.waited_for += 1  # before it holds the lock, lest the collector comes in between
        try:
            self._lock.acquire()
        except BaseException:
            _here.waited_for -= 1
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        _here.waited_for -= 1
