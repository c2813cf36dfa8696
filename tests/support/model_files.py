"""Model files for tests."""

from __future__ import annotations

from nzip import _native
from nzip.models import frame, nzm, nzp
from support.engines import ENGINE


def network(seed: int = 0, architecture: str = "glr1") -> bytes:
    """The bytes of the smallest network, which knows nothing; the seed is all that tells it from others."""
    header = {"architecture": architecture, "card": {"seed": seed}, "channels": 32, "layers": 1}
    *others, shifts = nzm.layout(architecture, 32, 1)
    return frame.join(nzm.MAGIC, header, bytes(others[-1].end) + b"\1" * (shifts.end - shifts.start))


def state(component_set: int, *, with_network: bool) -> bytes:
    """What an engine knows after a little text."""
    model = nzm.parse(network())
    native = _native.Network(model.tensor_bytes, model.architecture, model.channels, model.layers)
    engine = ENGINE.engine(component_set, 16, [native.expert()] if with_network else [])
    text = b"a little text, and a little more text"
    engine.encode(text, 1, [(0, 0, len(text))])
    return engine.start()


def profile(component_set: int = 1, network: str = "none", **card: object) -> bytes:
    """The bytes of a profile for this engine."""
    start = state(component_set, with_network=network != "none")
    return nzp.Profile(component_set, ENGINE.revision, network, start, card).serialize()
