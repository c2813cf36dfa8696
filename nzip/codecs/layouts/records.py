"""The types of records: fields of numbers that come again and again in the same order."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from nzip import _native
from nzip.format.registry import RECORD, ElementType

_KINDS = {
    ElementType.INT8: 1,
    ElementType.INT16: 2,
    ElementType.INT32: 3,
    ElementType.INT64: 4,
    ElementType.FLOAT16: 5,
    ElementType.FLOAT32: 6,
    ElementType.FLOAT64: 7,
}
_MOST_GROUPS = 6
_MOST_FIELDS = 4  # of a group
_GROUP_BITS, _KIND_BITS = 5, 3


def record_type(fields: Iterable[ElementType]) -> int | None:
    """The type of records of these fields, each a number; None where there is none for so many."""
    groups: list[tuple[ElementType, int]] = []
    for element, same in groupby(fields):
        count = len(list(same))
        groups += [(element, min(_MOST_FIELDS, count - at)) for at in range(0, count, _MOST_FIELDS)]
        if len(groups) > _MOST_GROUPS:
            return None
    if not groups or any(element not in _KINDS for element, _ in groups):
        return None
    bits = [_KINDS[element] | (count - 1) << _KIND_BITS for element, count in groups]
    return RECORD + sum(group << _GROUP_BITS * index for index, group in enumerate(bits))


def record_size(fields: Iterable[ElementType]) -> int:
    """Bytes of a record of these fields."""
    return sum(_native.element_size(field) or 0 for field in fields)
