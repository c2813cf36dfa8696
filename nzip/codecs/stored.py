"""Blocks that are stored as they are, for they do not become smaller."""

from __future__ import annotations

from collections.abc import Sequence

from nzip.codecs.contract import Candidate, Codec, Cost, DecodingRun
from nzip.format.block import BlockHeader
from nzip.format.registry import EngineId
from nzip.options import EncodeOptions
from nzip.progress import Gauge
from nzip.resources.primes import Prime
from nzip.resources.resources import Resources


class Stored(Codec):
    """No candidate of its own: what nothing makes smaller is stored."""

    engine = EngineId.STORED
    revision = 0

    def candidates(
        self, options: EncodeOptions, resources: Resources, memory_limit: int, own_prime: Prime | None
    ) -> Sequence[Candidate]:
        return ()

    def open(self, header: BlockHeader, resources: Resources) -> DecodingRun:
        return _StoredRun()

    def cost(self, header: BlockHeader, run_size: int) -> Cost:
        return Cost(0, 0)


class _StoredRun(DecodingRun):
    def check(self, header: BlockHeader) -> None:
        pass

    def memory(self, header: BlockHeader, run_size: int) -> int:
        return 0

    def decode(self, header: BlockHeader, payload: bytes, gauge: Gauge, helpers: int) -> bytes:
        return payload
