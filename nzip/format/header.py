"""The stream header: magic, container version, feature bits, check."""

from __future__ import annotations

from dataclasses import dataclass

from nzip.errors import NzipChecksumError, NzipFormatError, NzipVersionError
from nzip.format.checksum import check16
from nzip.format.cursor import Cursor
from nzip.format.fields import encode_varint
from nzip.format.registry import MAGIC
from nzip.format.versions import CONTAINER


@dataclass(frozen=True)
class StreamHeader:
    """What a stream says of itself before its records."""

    version: int = CONTAINER.newest
    features: int = 0  # bit i: the stream needs feature i; none is defined yet

    def encode(self) -> bytes:
        head = MAGIC + bytes([self.version]) + encode_varint(self.features)
        return head + check16(head)


def starts_stream(data: bytes | bytearray) -> bool:
    """Whether the data are, as far as they go, the beginning of a stream."""
    return MAGIC.startswith(bytes(data[: len(MAGIC)]))


def parse_stream_header(cursor: Cursor, data: bytes | bytearray) -> StreamHeader:
    """The header at the cursor, refused when this version cannot read the stream."""
    start = cursor.position
    if not starts_stream(data[start : start + len(MAGIC)]):
        raise NzipFormatError("not nzip data")
    cursor.take(len(MAGIC))
    header = StreamHeader(cursor.uint(1), cursor.varint())
    covered = data[start : cursor.position]
    # The layout up to the check is the same in every version, so damage is not mistaken for a new version.
    if cursor.take(2) != check16(covered):
        raise NzipChecksumError("the stream header is damaged")
    if not CONTAINER.has(header.version):
        raise NzipVersionError(f"container version {header.version} is not known")
    if header.features:
        bits = [str(bit) for bit in range(header.features.bit_length()) if header.features >> bit & 1]
        raise NzipVersionError(f"feature {', '.join(bits)} is not known")
    return header
