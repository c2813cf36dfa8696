"""Data as a tree: packed streams in it, these as contents, packed streams in the contents."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import NamedTuple

from nzip import _native
from nzip.format.registry import SegmentKind
from nzip.transforms.contract import Data, Hint
from nzip.transforms.unpack.contract import Content, Opened, PackedFormat
from nzip.transforms.unpack.formats import FORMATS

DEPTH = 4  # of streams within streams
MOST_NODES = 1 << 16  # of a tree
_PATIENCE = 1 << 30  # bytes of what looks like streams and is not opened, before nothing more is tried
_MOST_FAILED = 1 << 20  # bytes that one counts for where it is not known how many were read
_LEAST_GAIN = 15 / 16  # of its content a stream may have as many bytes: more, and the content may be noise


class Stream(NamedTuple):
    """A packed stream, opened."""

    gap: int  # bytes of the data between the stream before, or their start, and this one
    format: int  # a PackedFormatId
    residue: bytes
    contents: tuple[Node, ...]


class Node(NamedTuple):
    """Data, or a content."""

    outside: Content  # what is in no stream
    streams: tuple[Stream, ...] = ()
    hint: Hint | None = None

    def nodes(self) -> Iterator[Node]:
        """Itself and all below it, each before those below it."""
        yield self
        for stream in self.streams:
            for content in stream.contents:
                yield from content.nodes()


class Opener:
    """Opens what it finds, as long as there is room."""

    def __init__(self, room: int, stop: _native.Stop | None) -> None:
        """``room`` is for bytes of all contents together."""
        self._room = room
        self._nodes = MOST_NODES - 1
        self._patience = _PATIENCE
        self._stop = stop

    def node(self, data: Data, hint: Hint | None = None, depth: int = 0) -> Node:
        """The tree of the data. Contents that a format has a hint for are not looked into."""
        if hint is not None or depth == DEPTH:
            return Node(data, (), hint)
        streams, outside, end = [], bytearray(), 0
        for start, each in self._candidates(data):
            if start < end or (opened := self._open(each, data, start)) is None:
                continue
            contents = tuple(self.node(bytes(part.data), part.hint, depth + 1) for part in opened.contents)
            if not _is_worth_it(opened, contents, self._stop):
                continue
            streams.append(Stream(start - end, each.id, opened.residue, contents))
            outside += memoryview(data)[end:start]
            end = start + opened.size
        if not streams:
            return Node(data)
        outside += memoryview(data)[end:]
        return Node(outside, tuple(streams))

    def _candidates(self, data: Data) -> Iterator[tuple[int, PackedFormat]]:
        found = [
            [(start, place) for start in each.find(data, self._stop)] for place, each in enumerate(FORMATS)
        ]
        return ((start, FORMATS[place]) for start, place in heapq.merge(*found))

    def _open(self, each: PackedFormat, data: Data, start: int) -> Opened | None:
        if self._room <= 0 or self._nodes <= 0 or self._patience <= 0:
            return None
        opened = each.open(data, start, self._room, self._stop)
        if opened is None or not opened.contents:
            self._patience -= opened.size if opened else min(len(data) - start, _MOST_FAILED)
            return None
        if opened.size < 1 or len(opened.contents) > self._nodes:
            return None
        self._room -= sum(len(part.data) for part in opened.contents)
        self._nodes -= len(opened.contents)
        return opened


def _is_worth_it(opened: Opened, contents: tuple[Node, ...], stop: _native.Stop | None) -> bool:
    """Not where the stream hardly was smaller than contents of noise."""
    if opened.size < _LEAST_GAIN * sum(len(node.outside) for node in contents):
        return True
    return any(node.streams or node.hint is not None or not _is_noise(node, stop) for node in contents)


def _is_noise(node: Node, stop: _native.Stop | None) -> bool:
    return all(kind == SegmentKind.PACKED for kind, _, _ in _native.detect(node.outside, stop))
