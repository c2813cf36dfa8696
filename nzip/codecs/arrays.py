"""Arrays of numbers, split into planes of bytes and coded at memory speed (docs/format/arrays.md)."""

from __future__ import annotations

from collections.abc import Sequence

from nzip import _native
from nzip.codecs.contract import Block, Candidate, Codec, Cost, DecodingRun, EncodingRun
from nzip.errors import NzipVersionError
from nzip.format.block import BlockHeader, Coding, Segment
from nzip.format.limits import MIN_TABLE_LOG2
from nzip.format.registry import EngineId, SegmentKind
from nzip.options import EncodeOptions
from nzip.progress import Gauge
from nzip.resources.primes import Prime
from nzip.resources.resources import Resources

REVISION = 1
_PROFILE = 0  # the only one

_SECONDS = 4e-9  # for a byte on one core of a machine of 2024


class Arrays(Codec):
    """Engine 2."""

    engine = EngineId.ARRAYS
    revision = REVISION

    def candidates(
        self, options: EncodeOptions, resources: Resources, memory_limit: int, own_prime: Prime | None
    ) -> Sequence[Candidate]:
        return (ArraysCandidate(),)

    def open(self, header: BlockHeader, resources: Resources) -> DecodingRun:
        return _ArraysDecoder()

    def cost(self, header: BlockHeader, run_size: int) -> Cost:
        return Cost(_SECONDS * header.plain_size, _native.ARRAYS_MEMORY)


class ArraysCandidate(Candidate):
    """It has nothing to be chosen: all that decides is found in the block."""

    def accepts(self, block: Block) -> bool:
        return {segment.kind for segment in block.segments} == {SegmentKind.ARRAY}

    def start(self, run_size: int, gauge: Gauge, helpers: int) -> EncodingRun:
        return _ArraysEncoder()

    def memory(self, run_size: int, most: int) -> int:
        return _native.ARRAYS_MEMORY

    def may_have_made(self, coding: Coding, run_size: int) -> bool:
        return (coding.engine, coding.revision) == (EngineId.ARRAYS, REVISION)

    def get_ready(self) -> None:
        pass


class _ArraysEncoder(EncodingRun):
    def encode(
        self, block: Block, gauge: Gauge, *, continues: bool, keeps: bool
    ) -> tuple[Coding, bytes] | None:
        payload = _native.encode_arrays(block.data, block.segments, gauge.stop)
        if len(payload) > block.most:
            return None
        coding = Coding(
            EngineId.ARRAYS, REVISION, _PROFILE, MIN_TABLE_LOG2, block.segments, transforms=block.steps
        )
        return coding, payload


class _ArraysDecoder(DecodingRun):
    def check(self, header: BlockHeader) -> None:
        if (coding := header.coding) is None:
            return
        bare = Coding(coding.engine, coding.revision, _PROFILE, MIN_TABLE_LOG2, coding.segments)
        if not bare.same_run(coding) or coding.continues or coding.keeps:
            raise NzipVersionError("a block of arrays has a field that is not known there")
        for segment in coding.segments:
            if segment.kind != SegmentKind.ARRAY:
                raise NzipVersionError(f"segment kind {segment.kind} is not known")
            if _native.element_size(segment.parameter) is None:
                raise NzipVersionError(f"elements of type {segment.parameter} are not known")

    def memory(self, header: BlockHeader, run_size: int) -> int:
        return _native.ARRAYS_MEMORY

    def decode(self, header: BlockHeader, payload: bytes, gauge: Gauge, helpers: int) -> bytes:
        segments: tuple[Segment, ...] = () if header.coding is None else header.coding.segments
        return _native.decode_arrays(payload, header.engine_size, segments, gauge.stop)
