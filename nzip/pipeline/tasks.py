"""Work on threads, its results in the order of the work."""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Callable
from threading import Event, Thread
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from nzip import _native
from nzip.pipeline.progress import Gauge

T = TypeVar("T")

POLL_SECONDS = 0.2

_tasks: WeakSet[Task[Any]] = WeakSet()


@atexit.register
def _stop() -> None:
    """A thread that came back from native code while the interpreter goes down would abort the process."""
    _native.stop()
    for task in list(_tasks):
        task.wait()


class Task(Generic[T]):
    """A call on a thread of its own.

    A block takes so much longer than a thread's start that a pool would save nothing. The threads are
    daemons and the caller only waits, so Ctrl-C ends the program at once instead of after the block.
    """

    def __init__(self, work: Callable[[], T], memory: int = 0, gauge: Gauge | None = None) -> None:
        self.memory = memory
        self.gauge = gauge or Gauge(0)
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._ended = (
            Event()
        )  # not Thread.join(): interrupted once, that no longer waits (CPython before 3.13)
        _tasks.add(self)
        Thread(target=self._run, args=(work,), daemon=True).start()

    def _run(self, work: Callable[[], T]) -> None:
        try:
            self._results.append(work())
        except BaseException as error:
            self._error = error
        finally:
            self._ended.set()

    def wait(self) -> None:
        self._ended.wait()

    def result(self, poll: Callable[[], None] | None = None) -> T:
        """Waits for it; meanwhile calls ``poll`` now and then."""
        while poll is not None and not self._ended.wait(POLL_SECONDS):
            poll()
        self.wait()
        if self._error is not None:
            raise self._error
        return self._results[0]


class Window(Generic[T]):
    """The blocks in flight: at most ``size``, so memory is bounded however long the stream."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._tasks: deque[Task[T]] = deque()

    def __len__(self) -> int:
        return len(self._tasks)

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

        Work that failed stays and fails again, so nobody goes on behind a gap; nor behind a Ctrl-C here.
        """
        result = self._tasks[0].result(poll)
        self._tasks.popleft()
        return result
