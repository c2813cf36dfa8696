"""Engine 1: runs of blocks (docs/format/engine1.md)."""

from __future__ import annotations

from nzip.errors import NzipVersionError
from nzip.reference.block_header import BlockHeader
from nzip.reference.resources import Resources


class Run:
    def __init__(self, header: BlockHeader, resources: Resources) -> None:
        raise NzipVersionError("engine 1 is not known here yet")

    def decode(self, header: BlockHeader, coded: bytes) -> bytes:
        raise NotImplementedError
