"""What is packed inside a block is opened, so that engines see what it holds."""

from __future__ import annotations

from itertools import groupby

from nzip import _native
from nzip.format.block import Step
from nzip.format.cursor import Cursor
from nzip.format.registry import SegmentKind, TransformId
from nzip.transforms.contract import Data, Hint, Part, Plain, Transform
from nzip.transforms.unpack.contract import Content
from nzip.transforms.unpack.formats import FORMATS, format_of
from nzip.transforms.unpack.order import groups_of, hints_of
from nzip.transforms.unpack.table import Table
from nzip.transforms.unpack.tree import Node, Opener

_MOST_TIMES = 64  # contents to packed bytes, of small blocks
_ROOM = 32 << 20  # bytes of contents for a block of any size, and
_ROOM_TIMES = 2  # so many times its bytes
_NOISE = 64  # bytes of a residue: longer ones are coded bits, which nothing predicts
_JOINED = (SegmentKind.TEXT, SegmentKind.BINARY, SegmentKind.PACKED)  # one segment if they follow one another


class Unpack(Transform[Node]):
    """A table of the streams, their residues, what is in no stream, and the contents by their kinds."""

    id = TransformId.UNPACK
    changes_tables = True

    def find(self, plain: Plain, stop: _native.Stop | None) -> Node | None:
        if plain.tail.size:
            return None
        root = Opener(_room(len(plain.data)), stop).node(plain.data)
        return root if root.streams else None

    def forward(self, plain: Plain, found: Node, stop: _native.Stop | None) -> list[Part]:
        nodes = list(found.nodes())
        hints = hints_of(nodes, stop)
        table = Table.of(nodes, groups_of(nodes, hints))
        residues = [stream.residue for node in nodes for stream in node.streams]
        is_noise = sum(map(len, residues)) > _NOISE * len(residues)
        parts = [
            Part(table.encode(), Hint(SegmentKind.BINARY)),
            Part(b"".join(residues), Hint(SegmentKind.PACKED if is_noise else SegmentKind.BINARY)),
            *(Part(nodes[place].outside, hints[place]) for place in table.order()),
        ]
        return _joined([part for part in parts if part.data])

    def inverse(self, data: Data, size: int, stop: _native.Stop | None) -> bytes:
        cursor = Cursor(data)
        table = Table.read(cursor)
        view, at = memoryview(data), cursor.position

        def take(count: int) -> memoryview:
            nonlocal at
            at += count
            if stop is not None:
                stop.check()
            if at > len(view):
                raise ValueError("its packed streams are not whole")
            return view[at - count : at]

        residues = [bytes(take(count)) for count in table.residues]
        outsides = [view[:0]] * len(table.sizes)
        for place in table.order():
            outsides[place] = take(table.sizes[place])
        if at != len(view):
            raise ValueError("something stands behind its packed streams")
        return bytes(_Closer(_most_closed(size, len(data)), stop).data(table.tree(outsides, residues, stop)))

    def max_size(self, size: int) -> int:
        return size + _room(size)

    def memory(self, step: Step) -> int:
        closed = _most_closed(step.size_before, step.size_after)
        return step.size_after + 2 * closed + max(each.memory(step.size_after) for each in FORMATS)

    def find_memory(self, size: int) -> int:
        room = _room(size)
        return 2 * (room + max(each.memory(room) for each in FORMATS))


class _Closer:
    """Puts trees together again, as long as there is room."""

    def __init__(self, room: int, stop: _native.Stop | None) -> None:
        """``room`` is for the bytes of all streams together."""
        self._room = room
        self._stop = stop

    def data(self, node: Node) -> Content:
        if not node.streams:
            return node.outside
        pieces: list[Content] = []
        outside, at = memoryview(node.outside), 0
        for stream in node.streams:
            contents = [self.data(content) for content in stream.contents]
            packed = format_of(stream.format).close(contents, stream.residue, self._stop)
            self._room -= len(packed)
            if self._room < 0 or stream.gap > len(outside) - at:
                raise ValueError("its packed streams have another size")
            pieces += [outside[at : at + stream.gap], packed]
            at += stream.gap
        return b"".join([*pieces, outside[at:]])


def _room(size: int) -> int:
    """Bytes of contents that a block of ``size`` bytes may have: a bomb stays as it is."""
    return min(_MOST_TIMES * size, _ROOM + _ROOM_TIMES * size)


def _most_closed(size: int, size_after: int) -> int:
    """Bytes of all streams of a block together, whatever they lie in."""
    return 2 * size + size_after


def _joined(parts: list[Part]) -> list[Part]:
    """Neighbours of one kind as one."""
    joined: list[Part] = []
    for hint, same in groupby(parts, key=lambda part: part.hint):
        if hint is not None and hint.kind in _JOINED:
            joined.append(Part(b"".join(part.data for part in same), hint))
        else:
            joined += same
    return joined
