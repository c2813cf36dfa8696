"""A network that is ready to predict."""

from __future__ import annotations

from dataclasses import dataclass

from nzip import _native
from nzip.errors import NzipModelError
from nzip.models import nzm

_LANE = 2048  # what it knows of a lane beside the cells
_SCRATCH = 1 << 20


@dataclass(frozen=True)
class Network:
    """It never changes, so all threads share it."""

    native: _native.Network
    channels: int
    layers: int
    tensor_bytes: int

    def memory(self, lanes: int) -> int:
        """The most that it takes, the state of the lanes included."""
        return self.tensor_bytes + lanes * (4 * self.channels * self.layers + _LANE) + _SCRATCH


def load(data: bytes) -> Network:
    """The network in a model file's bytes."""
    model = nzm.parse(data)
    try:
        native = _native.Network(model.tensor_bytes, model.channels, model.layers)
    except ValueError as error:
        raise NzipModelError(f"a network is broken: {error}") from None
    return Network(native, model.channels, model.layers, len(model.tensor_bytes))
