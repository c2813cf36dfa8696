"""XXH3 in the three widths that the container uses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import xxhash

if TYPE_CHECKING:
    from typing_extensions import Buffer


def checksum64(data: Buffer) -> int:
    """The 64-bit checksum of a block's plaintext."""
    return xxhash.xxh3_64_intdigest(data)


def checksum64_of(pieces: Iterable[Buffer]) -> int:
    """The 64-bit checksum of a plaintext that comes in pieces."""
    checksum = xxhash.xxh3_64()
    for piece in pieces:
        checksum.update(piece)
    return checksum.intdigest()


def check32(data: Buffer) -> bytes:
    """The check of a record: 4 bytes, little-endian. ``data`` is the record from its lead byte on."""
    return (checksum64(data) & 0xFFFFFFFF).to_bytes(4, "little")


def check16(data: Buffer) -> bytes:
    """The check of a stream header: 2 bytes, little-endian."""
    return (checksum64(data) & 0xFFFF).to_bytes(2, "little")


class Check32:
    """The 32-bit check of a member's content, which comes in pieces."""

    def __init__(self) -> None:
        self._hash = xxhash.xxh3_64()

    def update(self, data: Buffer) -> None:
        self._hash.update(data)

    @property
    def value(self) -> int:
        return self._hash.intdigest() & 0xFFFFFFFF
