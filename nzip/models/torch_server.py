"""A network on a torch device, for all engines of the process."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Thread

import torch
from torch import Tensor

from nzip import _native
from nzip.messages import reason_for
from nzip.models import nzm
from nzip.models.torch_network import INPUT_TABLES, TorchNetwork


class TorchServer:
    """Answers what engines ask through its exchange, all that wait at once.

    While one batch is evaluated, the engines of the batch before mix and code: they form the next one.
    """

    def __init__(self, model: nzm.Model, device: str) -> None:
        self.exchange = _native.Exchange()
        self._network = TorchNetwork(model.tensors, model.channels, model.layers, torch.device(device))
        self._states: dict[int, Tensor] = {}  # of the lanes of each block
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Refuses what is asked from now on; returns when nothing is evaluated any more."""
        self.exchange.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            while (batch := self.exchange.wait()) is not None:
                requests, ended = batch
                for block in ended:
                    self._states.pop(block, None)
                if requests:
                    self._answer(requests)
        finally:  # whatever ended it, nobody may wait for it
            self.exchange.refuse("nothing is evaluated any more")
            self.exchange.close()

    def _answer(self, requests: Sequence[_native.Request]) -> None:
        try:
            self.exchange.answer(self._weights(requests).numpy())
        except Exception as error:
            self.exchange.refuse(reason_for(error))

    @torch.inference_mode()
    def _weights(self, requests: Sequence[_native.Request]) -> Tensor:
        """Those of all lanes of the requests, step by step; their states go on."""
        rows = torch.cat(
            [
                torch.frombuffer(rows, dtype=torch.int32).view(lanes, steps, INPUT_TABLES)
                for _, lanes, steps, rows in requests
            ]
        )
        state = torch.cat([self._state(block, lanes) for block, lanes, *_ in requests], 1)
        weights, after = self._evaluate(rows.transpose(0, 1).to(self._network.device), state)
        for (block, *_), part in zip(requests, after.split([r[1] for r in requests], 1), strict=True):
            self._states[block] = part
        return weights.contiguous()

    def _state(self, block: int, lanes: int) -> Tensor:
        state = self._states.get(block)
        return self._network.fresh_state(lanes) if state is None else state

    def _evaluate(self, rows: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """The weights, in the host's memory, and the state. Fewer lanes at once where memory is short."""
        try:
            weights, after = self._network.weights(rows, state)
            return weights.cpu(), after
        except torch.OutOfMemoryError:
            if rows.shape[1] == 1:
                raise
        halves = zip(rows.tensor_split(2, 1), state.tensor_split(2, 1), strict=True)
        (weights, after), (more_weights, more_after) = [self._evaluate(*half) for half in halves]
        return torch.cat([weights, more_weights], 1), torch.cat([after, more_after], 1)
