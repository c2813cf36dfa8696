"""All transforms of a block, one behind the other."""

from __future__ import annotations

from collections.abc import Container
from itertools import pairwise
from typing import Any, NamedTuple

from nzip import _native
from nzip.errors import NzipError, NzipVersionError
from nzip.format.block import Step
from nzip.format.limits import MAX_BLOCK
from nzip.transforms.contract import NO_TAIL, Data, Part, Plain, Transform
from nzip.transforms.table import TRANSFORMS


class EngineInput(NamedTuple):
    """What an engine codes for a block."""

    data: Data
    parts: tuple[Part, ...]  # their data one behind the other are the data
    steps: tuple[Step, ...]  # how it came to be


def untransformed(data: Data) -> EngineInput:
    """A block as it is."""
    return EngineInput(data, (Part(data),), ())


def transform(plain: Plain, stop: _native.Stop | None = None, *, without: Container[int] = ()) -> EngineInput:
    """The block after all transforms that find something in it, those with some ids aside."""
    made = untransformed(plain.data)
    for each in _all_but(without):
        before = Plain(made.data, NO_TAIL if made.steps else plain.tail)
        made = _transformed(each, before, stop, made.steps) or made
    if plain.tail.size and not made.steps:
        raise NzipError("what repeats is not left out: a defect of nzip or of the machine")
    return made


def _transformed(
    transform: Transform[Any], plain: Plain, stop: _native.Stop | None, before: tuple[Step, ...]
) -> EngineInput | None:
    """What a transform makes, if that was proven to be restored; what a tail becomes, checksums prove."""
    if (found := transform.find(plain, stop)) is None:
        return None
    parts = transform.forward(Plain(plain.data), found, stop)
    data = _joined(parts)
    try:
        is_restored = transform.inverse(data, len(plain.data), stop) == plain.data
    except ValueError:
        is_restored = False
    if not is_restored or not 1 <= len(data) <= MAX_BLOCK:
        return None
    if plain.tail.size:
        parts = transform.forward(plain, found, stop)
        data = _joined(parts)
    return EngineInput(data, tuple(parts), (*before, Step(transform.id, plain.size, len(data))))


def _joined(parts: list[Part]) -> bytes:
    return b"".join(part.data for part in parts)


def restore(data: bytes, steps: tuple[Step, ...], stop: _native.Stop | None = None) -> bytes:
    """The plaintext; ValueError where the data are not what such transforms make."""
    for step in reversed(steps):
        data = _known(step.id).inverse(data, step.size_before, stop)
    return data


def max_size(size: int, *, without: Container[int] = ()) -> int:
    """The most bytes that an engine codes for a block of ``size`` bytes."""
    for each in _all_but(without):
        size = each.max_size(size)
    return size


def find_memory(size: int, *, without: Container[int] = ()) -> int:
    """The most bytes that transforming a block of ``size`` bytes takes beside it and the engine input."""
    return max(each.find_memory(size) for each in _all_but(without))


def table_change(steps: tuple[Step, ...]) -> int:
    """For how many bytes more than the plaintext's the tables of a block are, or less."""
    changing = {each.id for each in TRANSFORMS if each.changes_tables}
    return sum(step.size_after - step.size_before for step in steps if step.id in changing)


def memory(steps: tuple[Step, ...]) -> int:
    """The most bytes that restoring takes beside the plaintext."""
    return sum(_known(step.id).memory(step) for step in steps)


def require_known(steps: tuple[Step, ...]) -> None:
    """NzipVersionError unless each transform is in the table, and they stand in its order."""
    order = {each.id: place for place, each in enumerate(TRANSFORMS)}
    for step in steps:
        if step.id not in order:
            raise NzipVersionError(f"transform {step.id} is not known")
    places = [order[step.id] for step in steps]
    if any(first >= second for first, second in pairwise(places)):
        raise NzipVersionError(
            f"transforms {', '.join(str(step.id) for step in steps)} in one block are not known"
        )


def block_end(data: Data) -> int:
    """Where a block that begins so should end, if some transform asks for it; else 0."""
    return min(filter(None, (each.block_end(data) for each in TRANSFORMS)), default=0)


def _all_but(without: Container[int]) -> list[Transform[Any]]:
    return [each for each in TRANSFORMS if each.id not in without]


def _known(number: int) -> Transform[Any]:
    return next(each for each in TRANSFORMS if each.id == number)
