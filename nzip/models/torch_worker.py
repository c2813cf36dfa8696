"""The process that evaluates a network on a torch device for another one, which can do without it."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from multiprocessing.connection import Connection

import torch
from torch import Tensor

from nzip.messages import reason_for
from nzip.models import nzm
from nzip.models.torch_network import INPUT_TABLES, TorchNetwork
from nzip.models.torch_shared import POSITIONS, WEIGHT_BYTES, Message, Part, open_shared, rows_size


def main(connection: int, shared: int, device: str) -> None:
    """Answers until the other process hangs up; the first message is the model.

    Each answer is None, the weights being in the shared memory, or what went wrong, and then the last one.
    """
    memory = open_shared(shared)
    with Connection(connection) as other:
        try:
            worker = TorchWorker(other.recv(), torch.device(device))
            while True:
                other.send(None)
                worker.answer(memory, other.recv())
        except (EOFError, ConnectionError):  # nobody is there any more
            return
        except Exception as error:
            other.send(reason_for(error))


class TorchWorker:
    """A network on a device, and the states of the lanes of all blocks there."""

    def __init__(self, model: nzm.Model, device: torch.device) -> None:
        self._network = TorchNetwork(model.tensors, model.channels, model.layers, device)
        self._states: dict[int, Tensor] = {}  # by block
        self._most = POSITIONS  # that its memory has room for at once

    def answer(self, memory: mmap.mmap, message: Message) -> None:
        """Puts the weights of all parts behind their rows, step by step those of all lanes."""
        parts, ended = message
        for block in ended:
            self._states.pop(block, None)
        if not parts:
            return
        rows, first = [], 0
        for _, lanes, steps in parts:
            part = torch.frombuffer(
                memory, dtype=torch.int32, count=lanes * steps * INPUT_TABLES, offset=rows_size(first)
            )
            rows.append(part.view(lanes, steps, INPUT_TABLES).transpose(0, 1))
            first += lanes * steps
        weights = self.weights(parts, torch.cat(rows, 1)).contiguous().view(torch.uint8).flatten()
        answer = torch.frombuffer(
            memory, dtype=torch.uint8, count=first * WEIGHT_BYTES, offset=rows_size(first)
        )
        answer.copy_(weights)

    @torch.inference_mode()
    def weights(self, parts: Sequence[Part], rows: Tensor) -> Tensor:
        """Those of all lanes of the parts, in the host's memory; their states go on."""
        state = torch.cat([self._state(block, lanes) for block, lanes, _ in parts], 1)
        weights, after = self._evaluate(rows.to(self._network.device), state)
        lanes = [lanes for _, lanes, _ in parts]
        self._states.update(zip((block for block, *_ in parts), after.split(lanes, 1), strict=True))
        return weights

    def _state(self, block: int, lanes: int) -> Tensor:
        state = self._states.get(block)
        return self._network.fresh_state(lanes) if state is None else state

    def _evaluate(self, rows: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Fewer lanes at once where memory is short."""
        steps, lanes = rows.shape[:2]
        if lanes == 1 or steps * lanes <= self._most:
            try:
                weights, after = self._network.weights(rows, state)
                return weights.cpu(), after
            except torch.OutOfMemoryError:
                if lanes == 1:
                    raise
                self._most = steps * lanes // 2
        halves = zip(rows.tensor_split(2, 1), state.tensor_split(2, 1), strict=True)
        (weights, after), (more_weights, more_after) = [self._evaluate(*half) for half in halves]
        return torch.cat([weights, more_weights], 1), torch.cat([after, more_after], 1)
