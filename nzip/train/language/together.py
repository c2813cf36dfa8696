"""Processes that train one model: each has windows of its own, all take the mean of the gradients."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.multiprocessing import get_context


@contextmanager
def processes(count: int, work: Callable[..., None], *args: Any) -> Iterator[None]:
    """This process is the first of so many; each of the others does ``work(its number, *args)``.

    Each has one thread. Tensors in ``args`` are memory that all share. Raises ChildProcessError where one has
    ended while another one waited for it.
    """
    if count == 1:
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        meeting = f"file://{Path(folder) / 'meeting'}"
        context = get_context("spawn")
        others = [
            context.Process(target=_join, args=(meeting, rank, count, work, args), daemon=True)
            for rank in range(1, count)
        ]
        for other in others:
            other.start()
        try:
            _meet(meeting, 0, count)
            yield
        except RuntimeError as error:
            for other in others:
                other.join(1)  # which may be ending only now
            if any(other.exitcode is not None for other in others):
                raise ChildProcessError("a process that trained along has ended") from error
            raise
        finally:
            for other in others:
                other.terminate()
                other.join()
            distributed.destroy_process_group()


def _join(meeting: str, rank: int, count: int, work: Callable[..., None], args: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the first process, which ends this one
    _meet(meeting, rank, count)
    try:
        work(rank, *args)
    except RuntimeError:
        first = parent_process()
        if first is not None and first.is_alive():
            raise


def _meet(meeting: str, rank: int, count: int) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=count)


def mean(parameters: Iterable[nn.Parameter], *numbers: float) -> list[float]:
    """The numbers' means over all processes; gradients become theirs."""
    if not distributed.is_initialized():
        return list(numbers)
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    flat = torch.cat([*(gradient.flatten() for gradient in gradients), torch.tensor(numbers)])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    parts: list[Tensor] = list(flat.split([*(gradient.numel() for gradient in gradients), len(numbers)]))
    for gradient, part in zip(gradients, parts[:-1], strict=True):
        gradient.copy_(part.view_as(gradient))
    found: list[float] = parts[-1].tolist()
    return found
