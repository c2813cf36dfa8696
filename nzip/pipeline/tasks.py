"""Work on threads, its results in the order of the work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Task(Generic[T]):
    """A call on a thread of its own.

    A block takes so much longer than a thread's start that a pool would save nothing. The threads are
    daemons and the caller only waits, so Ctrl-C ends the program at once instead of after the block.
    """

    def __init__(self, work: Callable[[], T], memory: int = 0) -> None:
        self.memory = memory
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[], T]) -> None:
        try:
            self._results.append(work())
        except BaseException as error:
            self._error = error

    def result(self) -> T:
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._results[0]


class Window(Generic[T]):
    """The blocks in flight: at most ``size``, so memory is bounded however long the stream."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._tasks: deque[Task[T]] = deque()

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def is_full(self) -> bool:
        return len(self._tasks) >= self._size

    @property
    def memory(self) -> int:
        return sum(task.memory for task in self._tasks)

    def add(self, work: Callable[[], T], memory: int = 0) -> None:
        self._tasks.append(Task(work, memory))

    def pop(self) -> T:
        """The oldest work's result; waits for it.

        Work that failed stays and fails again, so nobody goes on behind a gap; nor behind a Ctrl-C here.
        """
        result = self._tasks[0].result()
        self._tasks.popleft()
        return result
