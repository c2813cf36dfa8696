"""How a block header names its reference: a file that the engine has seen before the run."""

from __future__ import annotations

from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.block import Coding, Expert, Segment, encode_segments, hashed_expert, parse_segments
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_REFERENCE
from nzip.format.registry import ExpertKind


class Reference(NamedTuple):
    """A file, and as what kinds of data it is learned."""

    component: bytes
    size: int  # bytes
    segments: tuple[Segment, ...]

    def expert(self) -> Expert:
        parameters = encode_varint(self.size) + encode_segments(self.segments)
        return Expert(ExpertKind.REFERENCE, self.component, parameters)


def reference_of(coding: Coding) -> Reference | None:
    """The reference of a block's run; NzipFormatError when the header breaks a rule about it."""
    if (found := hashed_expert(coding, ExpertKind.REFERENCE, "reference")) is None:
        return None
    expert, component = found
    cursor = Cursor(expert.parameters)
    try:
        size = cursor.varint()
        if not 1 <= size <= MAX_REFERENCE:
            raise NzipFormatError(f"a reference of {size} bytes; 1 to {MAX_REFERENCE} are allowed")
        reference = Reference(component, size, parse_segments(cursor, size))
    except ShortInputError:
        raise NzipFormatError("a reference ends inside a field") from None
    if reference.expert() != expert:
        raise NzipFormatError("a reference is not written in its one valid form")
    return reference
