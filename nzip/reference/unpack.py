"""The transform "unpack": packed streams and what they hold (docs/format/transforms.md, Unpack)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from nzip.errors import NzipFormatError, NzipVersionError
from nzip.reference.base64_lines import pack_base64
from nzip.reference.cursor import Cursor
from nzip.reference.deflate import pack_deflate
from nzip.reference.gif import pack_gif
from nzip.reference.png import pack_png

_MOST_ENTRIES = 2**16
_DEEPEST = 4

_DEFLATE, _PNG, _JPEG, _GIF, _BASE64 = 1, 2, 3, 4, 5
_CONTENTS = {_DEFLATE: 1, _PNG: 2, _JPEG: 2, _GIF: 1, _BASE64: 1}

_PACK: dict[int, Callable[[bytes, list[bytes]], bytes]] = {
    _DEFLATE: lambda residue, contents: pack_deflate(residue, contents[0]),
    _PNG: lambda residue, contents: pack_png(residue, contents[0], contents[1]),
    _GIF: lambda residue, contents: pack_gif(residue, contents[0]),
    _BASE64: lambda residue, contents: pack_base64(residue, contents[0]),
}


@dataclass
class _Node:
    size: int
    group: int
    streams: list[_Stream]
    outside: bytes = b""


@dataclass
class _Stream:
    gap: int
    format: int
    residue_size: int
    residue: bytes = b""
    contents: list[_Node] = field(default_factory=list)


class _Columns:
    """The table's columns, each a sequence of numbers."""

    def __init__(self, cursor: Cursor) -> None:
        names = "streams", "sizes", "groups", "gaps", "formats", "residues", "contents"
        self._cursors = {name: Cursor(cursor.take(cursor.varint(9 * _MOST_ENTRIES))) for name in names}
        self._left = dict.fromkeys(names, _MOST_ENTRIES)

    def next(self, name: str) -> int:
        self._left[name] -= 1
        if self._left[name] < 0:
            raise NzipFormatError("a column of more than 2^16 numbers")
        return self._cursors[name].varint()

    def end(self) -> None:
        for cursor in self._cursors.values():
            cursor.end()


def revert_unpack(data: bytes, size: int) -> bytes:
    """The plaintext of so many bytes whose packed streams were opened."""
    cursor = Cursor(data)
    columns = _Columns(cursor)
    nodes: list[_Node] = []
    streams: list[_Stream] = []
    root = _read_node(columns, nodes, 0)
    columns.end()
    for node in nodes:
        streams += node.streams
    for stream in streams:
        stream.residue = cursor.take(stream.residue_size)
    for node in sorted(nodes, key=lambda node: node.group):
        node.outside = cursor.take(node.size)
    cursor.end()
    return _Packer(2 * size + len(data)).plaintext(root)


def _read_node(columns: _Columns, nodes: list[_Node], depth: int) -> _Node:
    if depth > _DEEPEST:
        raise NzipFormatError("packed streams lie in one another more than 4 deep")
    count = columns.next("streams")
    node = _Node(columns.next("sizes"), columns.next("groups"), [])
    nodes.append(node)
    for _ in range(count):
        stream = _Stream(columns.next("gaps"), columns.next("formats"), columns.next("residues"))
        if stream.format not in _CONTENTS:
            raise NzipVersionError(f"packed streams of format {stream.format} are not known")
        if columns.next("contents") != _CONTENTS[stream.format]:
            raise NzipFormatError("a packed stream has another number of contents")
        node.streams.append(stream)
    for stream in node.streams:
        stream.contents = [_read_node(columns, nodes, depth + 1) for _ in range(_CONTENTS[stream.format])]
    return node


class _Packer:
    def __init__(self, most: int) -> None:
        self._left = most

    def plaintext(self, node: _Node) -> bytes:
        cursor = Cursor(node.outside)
        parts = []
        for stream in node.streams:
            parts.append(cursor.take(stream.gap))
            contents = [self.plaintext(content) for content in stream.contents]
            if stream.format not in _PACK:
                raise NzipVersionError("JPEG is not known here")
            packed = _PACK[stream.format](stream.residue, contents)
            self._left -= len(packed)
            if self._left < 0:
                raise NzipFormatError("packed streams of more bytes than allowed")
            parts.append(packed)
        return b"".join([*parts, cursor.rest()])
