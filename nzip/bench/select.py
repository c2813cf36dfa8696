"""Which compressors to measure, from what was asked for and what the machine has."""

from __future__ import annotations

from collections.abc import Sequence

from nzip.bench.codec import Codec, nzip_codec
from nzip.bench.peers import PEERS


def find_codec(name: str) -> Codec:
    """The codec of a name such as nzip-5 or xz-9e."""
    family, _, setting = name.partition("-")
    if family == "nzip":
        return nzip_codec(setting)
    return next(peer for peer in PEERS if peer.name == name)


def select_peers(wanted: Sequence[str] | None) -> list[Codec]:
    """The peers of these families, or all that the machine has; KeyError names what it lacks."""
    if wanted is None:
        return [peer for peer in PEERS if peer.is_available]
    chosen = []
    for name in wanted:
        found = [peer for peer in PEERS if name in (peer.name, peer.family) and peer.is_available]
        if not found:
            raise KeyError(name)
        chosen += found
    return chosen
