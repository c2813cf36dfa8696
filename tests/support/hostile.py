"""Small files that ask for much."""

from __future__ import annotations

from dataclasses import replace

from nzip.format.block import BlockHeader, Coding, Expert, one_segment
from nzip.format.registry import ExpertKind
from nzip.format.writer import StreamWriter

LONG = 1 << 30
NETWORK = Expert(ExpertKind.BYTE_NETWORK, 1, b"")


def long_block(
    profile: int = 1, plain_size: int = LONG, coded_size: int = 5000, checksum: int = 0, **fields: object
) -> tuple[BlockHeader, bytes]:
    """A block that decodes for hours: to its decoder, zeros say again and again that what is likely comes."""
    coding = Coding(1, 1, profile, 22, one_segment(plain_size), 1, 0, ())
    return BlockHeader(plain_size, checksum, coded_size, replace(coding, **fields)), bytes(coded_size)


def file_of(*blocks: tuple[BlockHeader, bytes], records: bytes = b"") -> bytes:
    """A file of one stream, correct from end to end but for what the blocks hold."""
    writer = StreamWriter()
    return b"".join([writer.begin(None, records), *(writer.block(*block) for block in blocks), writer.end()])
