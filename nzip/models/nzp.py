"""The profile file (``.nzp``): the state in which an engine starts, trained offline.

It belongs to one revision of the engine and one of its component sets, and to a network or none; what it
consists of is the engine's affair. It may hold the prime that it was trained with, too.
docs/format/engine1.md specifies the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nzip.errors import NzipModelError
from nzip.format.limits import MAX_PRIME
from nzip.format.versions import PROFILE_FILE
from nzip.models import frame

MAGIC = b"NZP" + bytes([PROFILE_FILE.newest])
MAX_START = 16 << 20
MAX_COMPONENT_SET = 255

ANY_NETWORK = "any"
NO_NETWORK = "none"

_WHAT = "profile"
_FIELDS = {"card", "component_set", "engine_revision", "network"}
_TEXT = "text"  # the field of files that hold one: its bytes
_MAX_REVISION = 2**63 - 1


@dataclass(frozen=True)
class Profile:
    """An engine's initial state, and for which engine it is."""

    component_set: int
    engine_revision: int
    network: str  # ANY_NETWORK, NO_NETWORK or a network's identity
    start: bytes = field(repr=False)
    card: dict[str, Any] = field(default_factory=dict)  # for people, not interpreted
    text: bytes = field(default=b"", repr=False)  # of its prime; empty: it has none

    def __post_init__(self) -> None:
        if type(self.component_set) is not int or not 0 < self.component_set <= MAX_COMPONENT_SET:
            raise NzipModelError(f"a {_WHAT} is for an impossible component set")
        if type(self.engine_revision) is not int or not 0 <= self.engine_revision <= _MAX_REVISION:
            raise NzipModelError(f"a {_WHAT} is for an impossible revision of the engine")
        if self.network not in (ANY_NETWORK, NO_NETWORK) and not frame.is_identity(self.network):
            raise NzipModelError(f"a {_WHAT} is for a network that no file can be")
        if not isinstance(self.card, dict):
            raise NzipModelError(f"the card of a {_WHAT} is not an object")
        if not 1 <= len(self.start) <= MAX_START:
            raise NzipModelError(
                f"the start in a {_WHAT} has {len(self.start)} bytes; 1 to {MAX_START} are allowed"
            )
        if len(self.text) > MAX_PRIME:
            raise NzipModelError(
                f"a {_WHAT} has {len(self.text)} bytes of text; at most {MAX_PRIME} are allowed"
            )

    def fits(self, network: str | None) -> bool:
        """Whether it is made for this network, named by its identity, or for none."""
        if network is None:
            return self.network == NO_NETWORK
        return self.network in (ANY_NETWORK, network)

    def serialize(self) -> bytes:
        header = {
            "card": self.card,
            "component_set": self.component_set,
            "engine_revision": self.engine_revision,
            "network": self.network,
        }
        if self.text:
            header[_TEXT] = len(self.text)
        return frame.join(MAGIC, header, self.start + self.text)


def parse(data: bytes) -> Profile:
    """
    >>> profile = Profile(1, 7, "none", b"weights", {"data": "mine"})
    >>> parse(profile.serialize()) == profile
    True
    """
    header, content = frame.split(MAGIC, data, _WHAT)
    if header.keys() - {_TEXT} != _FIELDS:
        raise NzipModelError(f"the header of a {_WHAT} has not the fields that it must have")
    size = header.pop(_TEXT, None)
    if size is not None and (type(size) is not int or not 1 <= size <= len(content)):
        raise NzipModelError(f"a {_WHAT} has not the text that its header promises")
    end = len(content) - (size or 0)
    return Profile(start=content[:end], text=content[end:], **header)
