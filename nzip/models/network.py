"""A network that is ready to predict."""

from __future__ import annotations

from dataclasses import dataclass

from nzip import _native
from nzip.errors import NzipModelError
from nzip.models import nzm

_LANE = 2048  # what it knows of a lane beside the cells
_STATISTICS = 3 << 20  # what the block has taught, for networks that see it
_SCRATCH = 3 << 20  # batches that threads work on together
_EXCHANGE = 6 << 20  # 4096 positions with their rows and weights


@dataclass(frozen=True)
class Network:
    """It never changes, so all threads share it."""

    native: _native.Network
    model: nzm.Model

    def memory(self, lanes: int, *, exchange: bool = False) -> int:
        """The most that it takes, the state of the lanes included; with ``exchange`` where that is used."""
        model = self.model
        lane = 4 * model.channels * model.layers + _LANE
        return (
            len(model.tensor_bytes) + lanes * lane + _STATISTICS + _SCRATCH + (_EXCHANGE if exchange else 0)
        )


def load(data: bytes) -> Network:
    """The network in a model file's bytes."""
    model = nzm.parse(data)
    try:
        native = _native.Network(model.tensor_bytes, model.architecture, model.channels, model.layers)
    except ValueError as error:
        raise NzipModelError(f"a network is broken: {error}") from None
    return Network(native, model)
