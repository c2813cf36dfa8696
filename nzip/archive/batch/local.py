"""The engine on this machine: a thread for each file, whose work is outside the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from queue import Empty, SimpleQueue

from nzip.archive.batch.pack import Failed, Packed, Task, needs, pack
from nzip.archive.batch.place import Place
from nzip.pipeline import EncodeOptions, default_memory_limit
from nzip.pipeline.machine import available_cores
from nzip.pipeline.tasks import POLL_SECONDS
from nzip.pipeline.tasks import Task as Thread


class _Work:
    """A file in flight, which holds its share of the threads and of the memory."""

    def __init__(self, task: Task, options: EncodeOptions) -> None:
        self.task = task
        self.options = options
        self.threads, self.memory = needs(options, task.size)
        self.done = 0  # of the file's bytes

    def report(self, done: int) -> None:
        self.done = done


class Local:
    """Large files get several threads, one for each block; small ones share them."""

    def __init__(
        self,
        place: Place,
        settings: Mapping[int, EncodeOptions],
        *,
        jobs: int | None,
        memory: int | None,
        verify: bool,
    ) -> None:
        self._place = place
        self._settings = settings
        self._jobs = jobs or available_cores()
        self._memory = memory or default_memory_limit()
        self._verify = verify
        self._running: list[_Work] = []
        self._ended: SimpleQueue[tuple[_Work, Packed | Failed | BaseException]] = SimpleQueue()

    def run(self, tasks: Iterable[Task], tick: Callable[[int], None]) -> Iterator[Packed | Failed]:
        """See ``Engine``."""
        for task in tasks:
            work = _Work(task, self._settings[task.setting])
            while self._running and not self._has_room(work):
                yield self._next(tick)
            self._running.append(work)
            Thread(partial(self._do, work))
        while self._running:
            yield self._next(tick)

    def _has_room(self, work: _Work) -> bool:
        together = [*self._running, work]
        return (
            sum(each.threads for each in together) <= self._jobs
            and sum(each.memory for each in together) <= self._memory
        )

    def _do(self, work: _Work) -> None:
        answer: Packed | Failed | BaseException
        try:
            answer = pack(self._place, work.task, work.options, verify=self._verify, progress=work.report)
        except BaseException as error:  # a defect, which must not look like a file that takes long
            answer = error
        self._ended.put((work, answer))

    def _next(self, tick: Callable[[int], None]) -> Packed | Failed:
        while True:
            tick(sum(work.done for work in self._running))
            try:
                work, answer = self._ended.get(timeout=POLL_SECONDS)
            except Empty:
                continue
            self._running.remove(work)
            if isinstance(answer, BaseException):
                raise answer
            return answer
