"""Work on threads, its results in the order of the work."""

from __future__ import annotations

import atexit
import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Any, Generic, TypeVar

from nzip import _native
from nzip.locks import waited_for
from nzip.progress import Gauge

T = TypeVar("T")

POLL_SECONDS = 0.2

_at_work: set[Task[Any]] = set()  # those that a thread of this process works on
_elsewhere: set[Task[Any]] = set()  # what is to be done before the interpreter ends
_ending = False  # the interpreter: a thread that started now might not get as far as its first line

# Where no other thread exists:
os.register_at_fork(after_in_child=_at_work.clear)
os.register_at_fork(after_in_child=_elsewhere.clear)


@atexit.register
def _stop() -> None:
    """Before the interpreter goes down no thread may be in native code, nor hold a lock."""
    global _ending
    _ending = True
    for task in list(_elsewhere):
        task.wait()
    _native.stop()
    for task in list(_at_work):
        task.wait()
    for task in list(_elsewhere):  # for which no thread could start
        with suppress(Exception):
            task.result()


def ending() -> bool:
    """Whether the interpreter ends, so that no thread starts any more."""
    return _ending


def start(thread: Thread) -> bool:
    """Whether it runs: none is started when the interpreter ends, nor where the system allows no more."""
    if _ending:
        return False
    try:
        thread.start()
    except RuntimeError:
        return False
    return True


def do_elsewhere(work: Callable[[], object]) -> None:
    """Does it on another thread, or, where none can start, when the interpreter ends. Its errors are lost."""
    for task in list(_elsewhere):
        if task.is_done:
            _elsewhere.discard(task)
    Task(work, among=_elsewhere)


class Task(Generic[T]):
    """A call on a thread of its own, or, where no thread does it, on that of the one who wants its result.

    A block takes so much longer than a thread's start that a pool would save nothing. The threads are
    daemons and the caller only waits, so Ctrl-C ends the program at once instead of after the block.
    """

    def __init__(
        self,
        work: Callable[[], T],
        memory: int = 0,
        gauge: Gauge | None = None,
        among: set[Task[Any]] | None = None,
    ) -> None:
        """Where it is one ``among`` others, it is so before its thread starts."""
        self.memory = memory
        self.gauge = gauge or Gauge(0)
        self._work: Callable[[], T] | None = work  # None when it is done
        self._results: list[T] = []
        self._error: Exception | None = None
        # Not Thread.join(): interrupted once, that no longer waits (CPython before 3.13).
        self._ended = Event()
        if among is not None:
            among.add(self)
        _at_work.add(self)
        if not start(Thread(target=self._run, name="nzip block", daemon=True)):
            _at_work.discard(self)

    def _run(self) -> None:
        """On a thread. What ends that, as the interpreter's end does, is no result of the work."""
        with waited_for():
            try:
                self._do()
            finally:
                self._ended.set()
                _at_work.discard(self)

    def _do(self) -> None:
        if self._work is None:
            return
        try:
            self._results.append(self._work())
        except Exception as error:
            self._error = error
        self._work = None  # and what it holds

    def wait(self, poll: Callable[[], None] | None = None) -> None:
        """Until no thread works on it; meanwhile calls ``poll`` now and then."""
        if self.is_at_work:
            while poll is not None and not self._ended.wait(POLL_SECONDS):
                poll()
            self._ended.wait()

    def stop(self) -> None:
        """Its native work ends within a moment; there will be no result unless that is there."""
        self.gauge.stop.set()

    @property
    def failed(self) -> bool:
        return self._error is not None

    @property
    def is_done(self) -> bool:
        return self._work is None

    @property
    def is_at_work(self) -> bool:
        """Whether a thread works on it. If not, it is done, or left to whoever wants its result."""
        return self in _at_work

    def result(self, poll: Callable[[], None] | None = None) -> T:
        """Waits for it, or does it."""
        self.wait(poll)
        self._do()
        if self._error is not None:
            raise self._error
        return self._results[0]


def run_task(work: Callable[[], T], gauge: Gauge, poll: Callable[[], None] | None = None) -> T:
    """The result of a call on another thread, which is stopped when the wait for it is interrupted.

    Meanwhile it calls ``poll`` now and then.
    """
    task = Task(work, gauge=gauge)
    try:
        return task.result(poll)
    finally:
        task.stop()


class Window(Generic[T]):
    """The blocks in flight: at most ``size``, so memory is bounded however long the stream."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._tasks: deque[Task[T]] = deque()

    def __len__(self) -> int:
        return len(self._tasks)

    def wait(self) -> None:
        """Until no thread works on any of it."""
        for task in list(self._tasks):  # whose owner may be a thread that goes on
            task.wait()

    @property
    def is_full(self) -> bool:
        return len(self._tasks) >= self.size

    @property
    def memory(self) -> int:
        return sum(task.memory for task in self._tasks)

    @property
    def plain(self) -> int:
        """Plaintext bytes that are done."""
        return sum(task.gauge.plain for task in self._tasks)

    @property
    def coded_left(self) -> int:
        """Coded bytes that are not decoded yet."""
        return sum(task.gauge.coded_left for task in self._tasks)

    def add(self, work: Callable[[], T], memory: int = 0, gauge: Gauge | None = None) -> None:
        self._tasks.append(Task(work, memory, gauge))

    def pop(self, poll: Callable[[], None] | None = None) -> T:
        """The oldest work's result; waits for it.

        Work that failed stays and fails again, so nobody goes on behind a gap; nor behind a Ctrl-C here. What
        comes after failed work is stopped.
        """
        oldest = self._tasks[0]
        try:
            result = oldest.result(poll)
        finally:
            if oldest.failed:
                self._stop()
        self._tasks.popleft()
        return result

    def close(self) -> None:
        """Stops what is not done."""
        self._stop()
        self._tasks.clear()

    def _stop(self) -> None:
        for task in self._tasks:
            task.stop()
