"""A profile that an engine here can start from."""

from __future__ import annotations

from nzip import _native
from nzip.engines import CURRENT, ENGINES
from nzip.errors import NzipModelError
from nzip.format.limits import MIN_TABLE_LOG2
from nzip.format.registry import EngineId
from nzip.models import nzm, nzp


def load(data: bytes) -> nzp.Profile:
    """The profile in a file's bytes; its engine has taken its state."""
    profile = nzp.parse(data)
    revision, component_set = profile.engine_revision, profile.component_set
    engine = ENGINES.get((EngineId.CONTEXT_MIXING, revision))
    if engine is None:
        raise NzipModelError(f"a profile is for engine revision {revision}, not {CURRENT[1]}")
    if component_set not in engine.component_sets:
        raise NzipModelError("a profile is for an unknown component set")
    experts = [] if profile.network == nzp.NO_NETWORK else [_any_network().expert()]
    try:
        engine.engine(component_set, MIN_TABLE_LOG2, experts, profile.start)
    except ValueError as error:
        raise NzipModelError(f"a profile is broken: {error}") from None
    return profile


def _any_network() -> _native.Network:
    """The smallest one: the state is the same for all."""
    shape = "glr1", nzm.CHANNELS[0], nzm.LAYERS[0]
    *tensors, shifts = nzm.layout(*shape)
    zeros, least = bytes(tensors[-1].end), bytes([nzm.SHIFTS[0]])
    return _native.Network(zeros + least * (shifts.end - shifts.start), *shape)
