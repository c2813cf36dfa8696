"""A profile that this engine can start from."""

from __future__ import annotations

from nzip import _native
from nzip.errors import NzipModelError
from nzip.format.limits import MIN_TABLE_LOG2
from nzip.models import nzm, nzp


def load(data: bytes) -> nzp.Profile:
    """The profile in a file's bytes; an engine has taken its state."""
    profile = nzp.parse(data)
    revision = profile.engine_revision
    if revision != _native.ENGINE_REVISION:
        raise NzipModelError(f"a profile is for engine revision {revision}, not {_native.ENGINE_REVISION}")
    network = None if profile.network == nzp.NO_NETWORK else _any_network()
    try:
        _native.Engine(profile.component_set, MIN_TABLE_LOG2, network, profile.state)
    except ValueError as error:
        raise NzipModelError(f"a profile is broken: {error}") from None
    return profile


def _any_network() -> _native.Network:
    """The smallest one: the state is the same for all."""
    shape = "glr1", nzm.CHANNELS[0], nzm.LAYERS[0]
    *tensors, shifts = nzm.layout(*shape)
    zeros, least = bytes(tensors[-1].end), bytes([nzm.SHIFTS[0]])
    return _native.Network(zeros + least * (shifts.end - shifts.start), *shape)
