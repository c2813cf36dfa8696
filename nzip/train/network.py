"""The byte network `glr1` in floating point, with the quantization that docs/model.md's integers will have.

A gated linear recurrence, as GILR (Martin and Cundy 2018), HGRN (Qin et al. 2023) and minGRU (Feng et al.
2024): gates depend on the input alone, so a layer's steps are a linear scan. The first layer's gates are sums
of table rows and cost no product; the residual stream starts as a sum of table rows, too.
"""

from __future__ import annotations

from importlib.util import find_spec

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from nzip.train import fused, reference
from nzip.train.operations import Operations
from nzip.train.quantize import weights

# Rows of the tables, in the order of the features (native/experts/network/features.hpp).
GATE_TABLES = (256,) * 4  # the last four bytes
RESIDUAL_TABLES = (
    256,
    256,
    64,
    256,
    4096,
    1024,
    2048,
)  # last byte, above, column, layout; word, last word, trigram
HASHED = 3  # tables, the last ones, whose rows are hashes
BYTES = 256

State = list[Tensor]  # c of each layer, float32 [L, d]


class ByteNetwork(nn.Module):
    """Parameters are named and shaped as in docs/model.md; operations are fused.py's or reference.py's.

    ``precision`` is that of the matrix products, bfloat16 or float32; what goes into them and comes out is in
    bfloat16.
    """

    def __init__(
        self,
        channels: int,
        layers: int,
        operations: Operations = fused,
        precision: torch.dtype = torch.bfloat16,
    ) -> None:
        super().__init__()
        self.channels, self.layers, self.operations, self.precision = channels, layers, operations, precision
        d, spread = channels, channels**-0.5
        self.gate = nn.Parameter(torch.randn(sum(GATE_TABLES), 3 * d) * 0.25)
        self.residual = nn.Parameter(_residual_start(d))
        self.w1 = nn.ParameterList([torch.randn(3 * d, d) * spread for _ in range(layers - 1)])
        self.w2 = nn.ParameterList([torch.randn(d, d) * spread * 0.5 for _ in range(layers)])
        self.wo = nn.Parameter(torch.randn(BYTES, d) * spread * 0.2)
        self.bo = nn.Parameter(torch.zeros(BYTES))
        self.b = nn.ParameterList([_bias_start(d) for _ in range(layers)])
        self.register_buffer("gate_first", _firsts(GATE_TABLES), persistent=False)
        self.register_buffer("residual_first", _firsts(RESIDUAL_TABLES), persistent=False)

    def forward(self, rows: Tensor, target: Tensor, start: Tensor, state: State) -> tuple[Tensor, State]:
        """The mean loss in nats per byte, and the state after the last step.

        rows int32 [L T, 11], target uint8 [L T], start uint8 [L, T] (1 where a lane starts afresh).
        """
        ops = self.operations
        gates, residual = rows.split([len(GATE_TABLES), len(RESIDUAL_TABLES)], 1)
        a = ops.gather(gates + self.gate_first, self.gate, torch.bfloat16)
        h = ops.gather(residual + self.residual_first, self.residual, torch.float32)
        u, after = None, []
        for layer in range(self.layers):
            if layer:
                h, x = ops.add_norm(h, u)
                a = self._product(x, self.w1[layer - 1])
            y, last = ops.cell(a, self.b[layer], start, state[layer])
            after.append(last)
            u = self._product(y, self.w2[layer])
        _, x = ops.add_norm(h, u)
        return ops.cross_entropy(self._product(x, self.wo), self.bo, target), after

    def _product(self, x: Tensor, matrix: Tensor) -> Tensor:
        return F.linear(x.to(self.precision), weights(matrix, self.precision)).bfloat16()

    def fresh_state(self, lanes: int) -> State:
        return [torch.zeros(lanes, self.channels, device=self.bo.device) for _ in range(self.layers)]

    def matrices(self) -> list[nn.Parameter]:
        """The matrices within the network; the output's is not one of them, as it faces the loss."""
        return [*self.w1, *self.w2]

    def products(self) -> int:
        """Multiplications for a byte."""
        return sum(matrix.numel() for matrix in [*self.matrices(), self.wo])


def operations_for(device: torch.device, *, kernels: str = "auto") -> Operations:
    """`kernels` is ``fused``, ``torch`` or ``auto``, which is fused where it can be."""
    if kernels == "torch":
        return reference
    if device.type == "cpu":
        return fused
    if device.type == "cuda" and find_spec("triton") is not None:
        from nzip.train import gpu

        return gpu
    if kernels == "fused":
        raise ValueError("the fused kernels run on a CPU, and on a GPU with Triton")
    return reference


def _firsts(tables: tuple[int, ...]) -> Tensor:
    """The first row of each table, where they follow one another."""
    return torch.tensor([sum(tables[:i]) for i in range(len(tables))], dtype=torch.int32)


def _residual_start(d: int) -> Tensor:
    """The last byte speaks loudest; hashed rows start silent, which is worth 0.19 bpb after 200 steps."""
    table = torch.randn(sum(RESIDUAL_TABLES), d) * 0.1
    table[:BYTES] *= 5
    table[-sum(RESIDUAL_TABLES[-HASHED:]) :] = 0
    return table


def _bias_start(d: int) -> Tensor:
    """Channels remember for 2 to 40 steps, in no order: biases of g from 0.3 to -3.1."""
    memory = torch.linspace(0.3, -3.1, d)
    return torch.cat([torch.zeros(d), memory[torch.randperm(d)], torch.zeros(d)])
