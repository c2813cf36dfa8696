"""What the data of a tree are, so that data of one kind stand behind one another."""

from __future__ import annotations

from collections.abc import Sequence

from nzip import _native
from nzip.format.registry import SegmentKind
from nzip.transforms.contract import Hint
from nzip.transforms.unpack.tree import Node

_MARKUP = b"<"
_Kind = tuple[int, int, bool]  # kind of segment, its parameter, whether it is markup

_MIXED = -1  # a kind: of several segments


def hints_of(nodes: Sequence[Node], stop: _native.Stop | None) -> list[Hint | None]:
    """Of what is outside: as the format says, or as detectors find all of it to be."""
    return [node.hint or _detected(node, stop) for node in nodes]


def groups_of(nodes: Sequence[Node], hints: Sequence[Hint | None]) -> list[int]:
    """Numbers by which the nodes are ordered; the tree's root comes first."""
    kinds = [_kind(node, hint) for node, hint in zip(nodes, hints, strict=True)]
    numbers = {kind: number for number, kind in enumerate(sorted(set(kinds[1:])), 1)}
    return [0, *(numbers[kind] for kind in kinds[1:])]


def _kind(node: Node, hint: Hint | None) -> _Kind:
    if hint is None:
        return _MIXED, 0, False
    is_markup = hint.kind == SegmentKind.TEXT and bytes(node.outside[:1]) == _MARKUP
    return hint.kind, hint.parameter, is_markup


def _detected(node: Node, stop: _native.Stop | None) -> Hint | None:
    segments = _native.detect(node.outside, stop)
    if len(segments) != 1:
        return None
    kind, parameter, _ = segments[0]
    return Hint(kind, parameter)
