"""Processes that train one model: each has windows of its own, all take the mean of the gradients."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import torch
from torch import distributed, nn
from torch.multiprocessing import get_context
from torch.nn.utils import parameters_to_vector, vector_to_parameters


@contextmanager
def processes(count: int, work: Callable[..., None], *args: Any) -> Iterator[None]:
    """Starts the other ``count - 1`` processes; each of them does ``work(its number, *args)``.

    Each has one thread. Tensors in ``args`` are memory that all share. Raises ChildProcessError where one
    ends before all have met; later on :func:`mean` does.
    """
    if count == 1:
        yield
        return
    threads = torch.get_num_threads()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "meeting"
        context = get_context("spawn")
        others = [
            context.Process(target=_join, args=(place, rank, count, work, args), daemon=True)
            for rank in range(1, count)
        ]
        try:
            for other in others:
                other.start()
            _meet(place, 0, count, lambda: all(other.is_alive() for other in others))
            yield
        finally:
            for other in others:
                if other.pid is not None:
                    other.terminate()
                    other.join()
            if distributed.is_initialized():
                distributed.destroy_process_group()
            torch.set_num_threads(threads)


def _join(place: Path, rank: int, count: int, work: Callable[..., None], args: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the first process, which ends this one
    first = parent_process()
    try:
        _meet(place, rank, count, lambda: first is not None and first.is_alive())
        work(rank, *args)
    except ChildProcessError:
        sys.exit(1)  # the first process tells it


def _meet(place: Path, rank: int, count: int, all_live: Callable[[], bool]) -> None:
    """Waits for the others here, for torch would wait half an hour for one that has ended, deaf to Ctrl-C."""
    store = distributed.FileStore(str(place), count)
    store.set(str(rank), "here")
    while not store.check([str(each) for each in range(count)]):
        if not all_live():
            raise ChildProcessError("a process that was to train along has ended")
        time.sleep(0.05)
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", store=store, rank=rank, world_size=count)


def mean(parameters: Iterable[nn.Parameter], *numbers: float) -> list[float]:
    """The numbers' means over all processes; gradients become theirs.

    Raises ChildProcessError where another process has ended.
    """
    if not distributed.is_initialized():
        return list(numbers)
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    flat = torch.cat([parameters_to_vector(gradients), torch.tensor(numbers)])
    try:
        distributed.all_reduce(flat)
    except RuntimeError as error:
        raise ChildProcessError("a process that trained along has ended") from error
    flat /= distributed.get_world_size()
    vector_to_parameters(flat, gradients)
    found: list[float] = flat[flat.numel() - len(numbers) :].tolist()
    return found
