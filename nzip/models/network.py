"""Networks that are ready to predict: what the architecture that a model file names is loaded by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nzip import _native
from nzip.errors import NzipModelError
from nzip.models import nzm
from nzip.models.contract import ByteModel
from nzip.models.inputs import ARCHITECTURES


@dataclass(frozen=True)
class Network(ByteModel):
    """A recurrent network: docs/model.md."""

    native: _native.Network
    model: nzm.Model

    @property
    def on_devices(self) -> nzm.Model:
        return self.model

    def expert(self, exchange: _native.Exchange | None = None, helpers: int = 0) -> _native.ByteExpert:
        return self.native.expert(exchange, helpers)

    def memory(self, lanes: int, *, exchange: bool = False) -> int:
        return len(self.model.tensor_bytes) + self.native.memory(lanes, exchange)


def load_network(data: bytes) -> Network:
    """The recurrent network in a model file's bytes."""
    model = nzm.parse(data)
    try:
        native = _native.Network(model.tensor_bytes, model.architecture, model.channels, model.layers)
    except ValueError as error:
        raise NzipModelError(f"a network is broken: {error}") from None
    return Network(native, model)


LOADERS: dict[str, Callable[[bytes], ByteModel]] = dict.fromkeys(ARCHITECTURES, load_network)


def load(data: bytes) -> ByteModel:
    """The model in a model file's bytes, whatever its architecture."""
    architecture = nzm.split(data)[0]["architecture"]
    if architecture not in LOADERS:
        raise NzipModelError(f"the model's architecture is not {' or '.join(LOADERS)}")
    return LOADERS[architecture](data)
