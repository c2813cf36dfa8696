"""Which compressors to measure, from what was asked for and what the machine has."""

from __future__ import annotations

from collections.abc import Sequence

from nzip.bench.codec import Codec, nzip_codec
from nzip.bench.peers import PEERS


def find_codec(name: str, way: str) -> Codec:
    """The codec of a name such as nzip-5 or xz-9e, and of its way to be had."""
    family, _, setting = name.partition("-")
    if family == "nzip":
        return nzip_codec(setting)
    return next(peer for peer in PEERS if (peer.name, peer.way) == (name, way))


def select_peers(wanted: Sequence[str] | None) -> list[Codec]:
    """The peers of these families, or all that the machine has; KeyError names what it lacks."""
    here = _peers_here()
    if wanted is None:
        return here
    chosen = []
    for name in wanted:
        found = [peer for peer in here if name in (peer.name, peer.family)]
        if not found:
            raise KeyError(name)
        chosen += found
    return chosen


def _peers_here() -> list[Codec]:
    """Those that the machine has, each once: the first of its ways to be had."""
    here: dict[str, Codec] = {}
    for peer in PEERS:
        if peer.name not in here and peer.is_available:
            here[peer.name] = peer
    return list(here.values())
