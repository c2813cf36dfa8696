"""What the transform `unpack` opens."""

from __future__ import annotations

from nzip.transforms.contract import Plain
from nzip.transforms.unpack.transform import Unpack
from nzip.transforms.unpack.tree import Node

UNPACK = Unpack()


def opened(data: bytes) -> Node | None:
    """The tree of the data, which are restored."""
    found = UNPACK.find(Plain(data), None)
    if found is not None:
        made = b"".join(part.data for part in UNPACK.forward(Plain(data), found, None))
        assert UNPACK.inverse(made, len(data), None) == data
        assert len(made) <= UNPACK.max_size(len(data))
    return found


def formats(node: Node | None) -> list[int]:
    """Of the streams in a tree, each before those in it."""
    return [] if node is None else [stream.format for each in node.nodes() for stream in each.streams]
