"""The process that evaluates a network on a torch device for another one, which can do without it."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from multiprocessing.connection import Connection

import torch
from torch import Tensor

from nzip import _native
from nzip.messages import reason_for
from nzip.models import nzm
from nzip.models.torch_network import BYTES, TorchNetwork
from nzip.models.torch_shared import POSITIONS, WEIGHT_BYTES, Message, Part, open_shared, rows_size
from nzip.models.torch_steps import RecordedSteps

_PROOF = b"What a device says is believed when it has said of <this> what a processor says: 3.14, 0x2A;\n\tok"
_PROVED_STEPS = 8  # of its bytes are evaluated one by one


def main(connection: int, shared: int, device: str) -> None:
    """Says None, then answers until the other process hangs up; the first message is the model.

    An answer is None, the weights being in the shared memory, or what went wrong, and then the last one.
    """
    memory = open_shared(shared)
    with Connection(connection) as other:
        try:
            other.send(None)
            model = other.recv()
            worker = TorchWorker(model, torch.device(device))
            worker.prove(model)
            pin(memory, torch.device(device))
            while True:
                other.send(None)
                worker.answer(memory, other.recv())
        except (EOFError, ConnectionError):  # nobody is there any more
            return
        except Exception as error:
            other.send(reason_for(error))


def pin(memory: mmap.mmap, device: torch.device) -> None:
    """Lets a GPU reach the memory itself. Where it cannot, copies take longer, and nothing else."""
    if device.type == "cuda":
        whole = torch.frombuffer(memory, dtype=torch.uint8)
        torch.cuda.cudart().cudaHostRegister(whole.data_ptr(), whole.numel(), 0)


class TorchWorker:
    """A network on a device, and the states of the lanes of all blocks there."""

    def __init__(self, model: nzm.Model, device: torch.device) -> None:
        if device.type == "cuda":
            torch.cuda.set_device(device)
        self._network = TorchNetwork(model, device)
        self._steps = RecordedSteps(self._network) if device.type == "cuda" else self._network
        self._states: dict[int, Tensor] = {}  # by block
        self._most = POSITIONS  # that its memory has room for at once

    def prove(self, model: nzm.Model) -> None:
        """Raises ArithmeticError unless the device predicts what the engine does, of a text in two lanes."""
        native = _native.Network(model.tensor_bytes, model.architecture, model.channels, model.layers)
        expected = torch.frombuffer(
            bytearray(_native.network_weights(native, _PROOF, len(_PROOF))), dtype=torch.int32
        ).view(-1, 1, BYTES)
        seen = bytearray(_native.input_rows(_PROOF, model.architecture))
        rows = torch.frombuffer(seen, dtype=torch.int32).view(-1, 1, self._network.input_tables)
        state, at = self._network.fresh_state(2), 0
        for steps in (len(_PROOF) - _PROVED_STEPS, *[1] * _PROVED_STEPS):
            weights, state = self._evaluate(
                rows[at : at + steps].expand(-1, 2, -1).to(self._network.device), state
            )
            if not torch.equal(weights.cpu(), expected[at : at + steps].expand(-1, 2, -1)):
                raise ArithmeticError("it predicts otherwise than a processor")
            at += steps

    def answer(self, memory: mmap.mmap, message: Message) -> None:
        """Puts the weights of all parts behind their rows, step by step those of all lanes."""
        parts, ended = message
        for block in ended:
            self._states.pop(block, None)
        if not parts:
            return
        lanes, steps = sum(lanes for _, lanes, _ in parts), parts[0][2]  # the same steps in all
        positions = lanes * steps
        tables = self._network.input_tables
        rows = torch.frombuffer(memory, dtype=torch.int32, count=positions * tables)
        weights = self.weights(parts, rows.view(lanes, steps, tables).transpose(0, 1))
        answer = torch.frombuffer(
            memory, dtype=torch.uint8, count=positions * WEIGHT_BYTES, offset=rows_size(positions)
        )
        answer.copy_(weights.contiguous().view(torch.uint8).flatten())

    @torch.inference_mode()
    def weights(self, parts: Sequence[Part], rows: Tensor) -> Tensor:
        """Those of all lanes of the parts, on the device; their states go on."""
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
                weights, after = (self._network if steps > 1 else self._steps).weights(rows, state)
                return weights, after
            except torch.OutOfMemoryError:
                if lanes == 1:
                    raise
                self._most = steps * lanes // 2
        halves = zip(rows.tensor_split(2, 1), state.tensor_split(2, 1), strict=True)
        (weights, after), (more_weights, more_after) = [self._evaluate(*half) for half in halves]
        return torch.cat([weights, more_weights], 1), torch.cat([after, more_after], 1)
