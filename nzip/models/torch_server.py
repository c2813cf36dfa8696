"""A torch device and its process, for all engines of this process."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import Pipe
from threading import Thread

from nzip import _native
from nzip.errors import DeviceWarning
from nzip.locks import waited_for
from nzip.messages import reason_for
from nzip.models import nzm
from nzip.models.torch_shared import POSITIONS, WEIGHT_BYTES, Message, new_shared, open_shared, rows_size

PATIENCE = 600  # seconds for an answer; on a slow core the longest takes one or two minutes
FAREWELL = 10  # seconds for a process that was killed; one whose driver hangs may not end

# Modules come from where they come from here, and not from the current folder.
_PROGRAM = """
import sys
connection, shared, device, *sys.path[:] = sys.argv[1:]
from nzip.models.torch_worker import main
main(int(connection), int(shared), device)
"""


class TorchServer(Thread):
    """Passes on what engines ask a device through an exchange, all that wait at once.

    While one batch is evaluated, the engines of the batch before mix and code: they form the next one.
    When the process ends, or cannot begin, the engines go on without it, after a DeviceWarning.
    """

    def __init__(self, exchange: _native.Exchange, number: int, model: nzm.Model, device: str) -> None:
        super().__init__(daemon=True)
        self._exchange, self._number = exchange, number
        self._model, self._device = model, device

    def give_up(self) -> None:
        """Instead of being started."""
        self._warn("no thread can be started for it")
        self._exchange.lose(self._number)

    def run(self) -> None:
        with waited_for():
            try:
                self._serve()
            except (EOFError, ConnectionError):
                self._warn("its process has ended")
            except Exception as error:
                self._warn(reason_for(error))
            finally:  # whatever ended it, nobody may wait for it
                self._exchange.lose(self._number)

    def _warn(self, reason: str) -> None:
        message = f"device {self._device} is lost, all goes on without it: {reason}"
        warnings.warn(message, DeviceWarning, stacklevel=2)

    def _serve(self) -> None:
        with _Worker(self._device) as worker:
            worker.listen()  # before anything is sent that might not be read
            worker.ask(self._model)
            while (batch := self._exchange.wait(self._number, POSITIONS)) is not None:
                requests, ended = batch
                weights = worker.weights(requests, ended)
                if requests:
                    self._exchange.answer(self._number, weights)


class _Worker:
    """The process. What it tells, or that it tells nothing, is an OSError.

    EOFError or ConnectionError: it has ended.
    """

    def __init__(self, device: str) -> None:
        shared = new_shared()
        try:
            self._memory = memoryview(open_shared(shared))
            self._connection, other = Pipe()
            with other:
                handles = other.fileno(), shared
                self.process = subprocess.Popen(
                    [sys.executable, "-c", _PROGRAM, *map(str, handles), device, *sys.path],
                    pass_fds=handles,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=None if os.environ.get("NZIP_DEBUG") else subprocess.DEVNULL,
                    start_new_session=True,  # a Ctrl-C is for this process; the other one ends behind it
                )
        finally:
            os.close(shared)

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(FAREWELL)

    def ask(self, message: nzm.Model | Message) -> None:
        """Waits for the answer."""
        self._connection.send(message)
        self.listen()

    def listen(self) -> None:
        """Waits for what the process says next, but not for ever."""
        if not self._connection.poll(PATIENCE):
            raise OSError(f"no answer in {PATIENCE} seconds")
        if (failure := self._connection.recv()) is not None:
            raise OSError(failure)

    def weights(self, requests: Sequence[_native.Request], ended: list[int]) -> memoryview:
        """Those of all requests, until the next call."""
        end = 0
        for *_, rows in requests:
            self._memory[end : end + len(rows)] = rows
            end += len(rows)
        parts = [(block, lanes, steps) for block, lanes, steps, _ in requests]
        self.ask((parts, ended))
        positions = sum(lanes * steps for _, lanes, steps in parts)
        return self._memory[rows_size(positions) :][: positions * WEIGHT_BYTES]
