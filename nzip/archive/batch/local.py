"""The engine on this machine: a thread for each file, whose work is outside the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from queue import Empty, SimpleQueue

from nzip.archive.batch.place import Place
from nzip.archive.batch.units import Answer, Unit, do, needs
from nzip.machine import available_cores
from nzip.pipeline import Encoding, default_memory_limit
from nzip.tasks import POLL_SECONDS, Task


class _Work:
    """A unit in flight, which holds its share of the threads and of the memory."""

    def __init__(self, unit: Unit, encoding: Encoding) -> None:
        self.unit = unit
        self.encoding = encoding
        self.threads, self.memory = needs(encoding, unit)
        self.done = 0  # of its bytes

    def report(self, done: int) -> None:
        self.done = done


class Local:
    """Large files get several threads, one for each block; small ones share them."""

    def __init__(
        self,
        place: Place,
        settings: Mapping[int, Encoding],
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
        self._ended: SimpleQueue[tuple[_Work, Answer | BaseException]] = SimpleQueue()

    def run(self, units: Iterable[Unit], tick: Callable[[int], None]) -> Iterator[Answer]:
        """See ``Engine``."""
        for unit in units:
            work = _Work(unit, self._settings[unit.setting])
            while self._running and not self._has_room(work):
                yield self._next(tick)
            self._running.append(work)
            task = Task(partial(self._do, work))
            if not task.is_at_work:  # no thread can start
                task.result()
        while self._running:
            yield self._next(tick)

    def _has_room(self, work: _Work) -> bool:
        together = [*self._running, work]
        return (
            sum(each.threads for each in together) <= self._jobs
            and sum(each.memory for each in together) <= self._memory
        )

    def _do(self, work: _Work) -> None:
        answer: Answer | BaseException
        try:
            answer = do(self._place, work.unit, work.encoding, verify=self._verify, progress=work.report)
        except BaseException as error:  # a defect, which must not look like a file that takes long
            answer = error
        self._ended.put((work, answer))

    def _next(self, tick: Callable[[int], None]) -> Answer:
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
