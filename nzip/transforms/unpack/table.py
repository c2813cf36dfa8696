"""The table of a tree: its shape and all sizes. Columns of varints, each behind its size in bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nzip import _native
from nzip.errors import NzipFormatError
from nzip.format.cursor import MAX_VARINT_BYTES, Cursor, ShortInputError, split_varints
from nzip.format.fields import encode_varint
from nzip.transforms.unpack.tree import DEPTH, MOST_NODES, Node, Stream


class Table(NamedTuple):
    """Numbers of nodes, in the order of ``Node.nodes``, and of the streams of each of these."""

    streams: Sequence[int]  # of each node
    sizes: Sequence[int]  # of each node: bytes outside its streams
    groups: Sequence[int]  # of each node: by these nodes are ordered
    gaps: Sequence[int]  # of each stream, as the following
    formats: Sequence[int]
    residues: Sequence[int]  # bytes
    contents: Sequence[int]

    @classmethod
    def of(cls, nodes: Sequence[Node], groups: Sequence[int]) -> Table:
        streams = [stream for node in nodes for stream in node.streams]
        return cls(
            [len(node.streams) for node in nodes],
            [len(node.outside) for node in nodes],
            groups,
            [stream.gap for stream in streams],
            [stream.format for stream in streams],
            [len(stream.residue) for stream in streams],
            [len(stream.contents) for stream in streams],
        )

    @classmethod
    def read(cls, cursor: Cursor) -> Table:
        """ValueError where there is none."""
        try:
            columns = [_column(cursor) for _ in cls._fields]
        except (ShortInputError, NzipFormatError):
            raise ValueError("its table of packed streams is not whole") from None
        table = cls(*columns)
        if not 1 <= len(table.streams) == len(table.sizes) == len(table.groups):
            raise ValueError("its table of packed streams has columns of different lengths")
        if len({len(table.gaps), len(table.formats), len(table.residues), len(table.contents)}) != 1:
            raise ValueError("its table of packed streams has columns of different lengths")
        return table

    def encode(self) -> bytes:
        columns = [b"".join(map(encode_varint, column)) for column in self]
        return b"".join(encode_varint(len(column)) + column for column in columns)

    def order(self) -> list[int]:
        """The places of the nodes, in the order in which their bytes stand."""
        return sorted(range(len(self.groups)), key=self.groups.__getitem__)

    def tree(
        self, outsides: Sequence[memoryview], residues: Sequence[bytes], stop: _native.Stop | None
    ) -> Node:
        """The tree of this shape; ValueError where it is none."""
        nodes = zip(self.streams, outsides, strict=True)
        streams = zip(self.gaps, self.formats, residues, self.contents, strict=True)
        try:
            root = _node(nodes, streams, 0, stop or _native.Stop())
        except StopIteration:
            raise ValueError("its table of packed streams names too few") from None
        if next(nodes, None) is not None or next(streams, None) is not None:
            raise ValueError("its table of packed streams names too many")
        return root


def _column(cursor: Cursor) -> list[int]:
    size = cursor.varint()
    if size > MOST_NODES * MAX_VARINT_BYTES:
        raise NzipFormatError("a column is too long")
    column = split_varints(cursor.take(size))
    if len(column) > MOST_NODES:
        raise NzipFormatError("a column is too long")
    return column


def _node(
    nodes: Iterator[tuple[int, memoryview]],
    streams: Iterator[tuple[int, int, bytes, int]],
    depth: int,
    stop: _native.Stop,
) -> Node:
    stop.check()
    count, outside = next(nodes)
    if count and depth == DEPTH:
        raise ValueError("its packed streams lie too deep in one another")
    own = [next(streams) for _ in range(count)]
    return Node(
        outside,
        tuple(
            [
                Stream(
                    gap,
                    number,
                    residue,
                    tuple([_node(nodes, streams, depth + 1, stop) for _ in range(contents)]),
                )
                for gap, number, residue, contents in own
            ]
        ),
    )
