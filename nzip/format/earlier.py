"""How a block of arrays names an earlier file, and where in it stands what its arrays are coded against."""

from __future__ import annotations

from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.block import Coding, Expert, hashed_expert
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.registry import ExpertKind

NOWHERE = -1  # the place of what the earlier file does not have


class Earlier(NamedTuple):
    """An earlier file, and for each segment of a block the offset there of as many bytes."""

    component: bytes
    size: int  # bytes
    places: tuple[int, ...]  # or NOWHERE

    def expert(self) -> Expert:
        fields = self.size, *(place + 1 for place in self.places)
        return Expert(ExpertKind.EARLIER, self.component, b"".join(map(encode_varint, fields)))


def earlier_of(coding: Coding) -> Earlier | None:
    """The earlier file of a block of arrays; NzipFormatError when the header breaks a rule about it."""
    if (found := hashed_expert(coding, ExpertKind.EARLIER, "earlier file")) is None:
        return None
    expert, component = found
    cursor = Cursor(expert.parameters)
    try:
        size = cursor.varint()
        places = tuple(cursor.varint() - 1 for _ in coding.segments)
    except ShortInputError:
        raise NzipFormatError("what is said of an earlier file ends inside a field") from None
    if any(
        place + segment.size > size
        for place, segment in zip(places, coding.segments, strict=True)
        if place != NOWHERE
    ):
        raise NzipFormatError("a segment's place is not in the earlier file")
    earlier = Earlier(component, size, places)
    if earlier.expert() != expert or all(place == NOWHERE for place in places):
        raise NzipFormatError("an earlier file is not written in its one valid form")
    return earlier
