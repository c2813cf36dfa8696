"""Steps of decoding on a GPU, one launch each: some 500 operations are recorded once and then repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from nzip.models.torch_network import ABSENT, BYTES, TorchNetwork

_LEAST_LANES = 64

Call = Callable[[], None]


@dataclass(frozen=True)
class _Step:
    """A step of some number of lanes: what it reads and writes stays where it is."""

    rows: Tensor
    state: Tensor
    weights: Tensor
    run: Call


class RecordedSteps:
    """Evaluates single steps as ``TorchNetwork.weights`` does.

    Lanes come and go, so a step is recorded for each power of two, and those that are missing are absent.
    """

    def __init__(self, network: TorchNetwork, record: Callable[[Call], Call] | None = None) -> None:
        self._network = network
        self._record = record or _record_graph
        self._steps: dict[int, _Step] = {}  # by lanes

    @torch.inference_mode()
    def weights(self, rows: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """As ``TorchNetwork.weights``, of one step; what comes is the caller's to keep."""
        lanes = rows.shape[1]
        step = self._step(max(_LEAST_LANES, 1 << (lanes - 1).bit_length()))
        step.rows[:, :lanes] = rows
        step.rows[:, lanes:, 0] = ABSENT
        step.state[:, :lanes] = state
        step.run()
        return step.weights[:, :lanes].clone(), step.state[:, :lanes].clone()

    def _step(self, lanes: int) -> _Step:
        if lanes not in self._steps:
            device, tables = self._network.device, self._network.input_tables
            rows = torch.full((1, lanes, tables), ABSENT, dtype=torch.int32, device=device)
            state = self._network.fresh_state(lanes)
            weights = torch.empty(1, lanes, BYTES, dtype=torch.int32, device=device)

            def evaluate() -> None:
                made, after = self._network.weights(rows, state)
                weights.copy_(made)
                state.copy_(after)

            self._steps[lanes] = _Step(rows, state, weights, self._record(evaluate))
        return self._steps[lanes]


def _record_graph(call: Call) -> Call:
    """The call's launches as a CUDA graph."""
    before = torch.cuda.Stream()
    before.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(before):  # libraries load their kernels at the first calls
        for _ in range(2):
            call()
    torch.cuda.current_stream().wait_stream(before)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    replay: Call = graph.replay
    return replay
