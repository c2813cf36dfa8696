"""Arrays of numbers, split into planes of bytes and coded at memory speed (docs/format/arrays.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nzip import _native
from nzip.codecs.contract import Block, Candidate, Codec, Cost, DecodingRun, EncodingRun
from nzip.errors import NzipVersionError
from nzip.format.block import BlockHeader, Coding, Expert, Segment
from nzip.format.earlier import NOWHERE, Earlier, earlier_of
from nzip.format.limits import MIN_TABLE_LOG2
from nzip.format.registry import EngineId, SegmentKind
from nzip.options import EncodeOptions
from nzip.progress import Gauge
from nzip.resources.primes import Prime
from nzip.resources.references import CHUNK, ReferenceFile
from nzip.resources.resources import Resources

REVISION = 1
_PROFILE = 0  # the only one

_READING = 2 * CHUNK  # bytes, while an earlier file's parts are read
_SAMPLE = 1 << 14  # bytes of a segment
_GAIN = 0.9  # what an earlier file must make of a block to be of use

_SECONDS = 4e-9  # for a byte on one core of a machine of 2024


class Arrays(Codec):
    """Engine 2."""

    engine = EngineId.ARRAYS
    revision = REVISION

    def candidates(
        self, options: EncodeOptions, resources: Resources, memory_limit: int, own_prime: Prime | None
    ) -> Sequence[Candidate]:
        earlier = None if options.ref is None else resources.add_reference(options.ref)
        return (ArraysCandidate(earlier if earlier and earlier.size else None),)

    def open(self, header: BlockHeader, resources: Resources) -> DecodingRun:
        named = None if header.coding is None else earlier_of(header.coding)
        return _ArraysDecoder(None if named is None else resources.reference(named))

    def cost(self, header: BlockHeader, run_size: int) -> Cost:
        return Cost(_SECONDS * header.plain_size, _memory(header))


@dataclass(frozen=True)
class ArraysCandidate(Candidate):
    """All that decides is found in the block, and in an earlier file where there is one."""

    earlier: ReferenceFile | None

    def accepts(self, block: Block) -> bool:
        return {segment.kind for segment in block.segments} == {SegmentKind.ARRAY}

    def gains(self, block: Block) -> bool:
        """Whether the earlier file makes a block smaller, by samples of its arrays."""
        alone = beside = 0.0
        at = 0
        for (_, element, size), place in zip(block.segments, block.places, strict=bool(block.places)):
            if self.earlier is not None and place != NOWHERE:
                width = _native.element_size(element) or 1
                part = min(size, _SAMPLE) // width * width
                middle = (size - part) // 2 // width * width
                numbers = block.data[at + middle : at + middle + part]
                before = next(self.earlier.parts([(place + middle, part)]))
                share = size / max(1, part)
                alone += share * _native.estimate_array(numbers, element)
                beside += share * _native.estimate_array(numbers, element, before)
            at += size
        return beside < _GAIN * alone

    def start(self, run_size: int, gauge: Gauge, helpers: int) -> EncodingRun:
        return _ArraysEncoder(self.earlier)

    def memory(self, run_size: int, most: int) -> int:
        return _native.ARRAYS_MEMORY + (0 if self.earlier is None else most + _READING)

    def may_have_made(self, coding: Coding, run_size: int) -> bool:
        if (coding.engine, coding.revision) != (EngineId.ARRAYS, REVISION):
            return False
        named = {expert.model for expert in coding.experts}
        return named <= (set() if self.earlier is None else {self.earlier.component})

    def get_ready(self) -> None:
        pass


class _ArraysEncoder(EncodingRun):
    def __init__(self, earlier: ReferenceFile | None) -> None:
        self._earlier = earlier

    def encode(
        self, block: Block, gauge: Gauge, *, continues: bool, keeps: bool
    ) -> tuple[Coding, bytes] | None:
        parts: list[bytes] = []
        experts: tuple[Expert, ...] = ()
        if self._earlier is not None and any(place != NOWHERE for place in block.places):
            parts = _parts(self._earlier, block.segments, block.places)
            experts = (Earlier(self._earlier.component, self._earlier.size, block.places).expert(),)
        payload = _native.encode_arrays(block.data, block.segments, gauge.stop, parts)
        if len(payload) > block.most:
            return None
        coding = Coding(
            EngineId.ARRAYS,
            REVISION,
            _PROFILE,
            MIN_TABLE_LOG2,
            block.segments,
            experts=experts,
            transforms=block.steps,
        )
        return coding, payload


class _ArraysDecoder(DecodingRun):
    def __init__(self, earlier: ReferenceFile | None) -> None:
        self._earlier = earlier

    def check(self, header: BlockHeader) -> None:
        if (coding := header.coding) is None:
            return
        named = earlier_of(coding)
        experts = () if named is None else (named.expert(),)
        bare = Coding(
            coding.engine, coding.revision, _PROFILE, MIN_TABLE_LOG2, coding.segments, experts=experts
        )
        if not bare.same_run(coding) or coding.continues or coding.keeps:
            raise NzipVersionError("a block of arrays has a field that is not known there")
        for segment in coding.segments:
            if segment.kind != SegmentKind.ARRAY:
                raise NzipVersionError(f"segment kind {segment.kind} is not known")
            if _native.element_size(segment.parameter) is None:
                raise NzipVersionError(f"elements of type {segment.parameter} are not known")

    def memory(self, header: BlockHeader, run_size: int) -> int:
        return _memory(header)

    def decode(self, header: BlockHeader, payload: bytes, gauge: Gauge, helpers: int) -> bytes:
        if (coding := header.coding) is None:
            raise ValueError("a block that is stored is nothing for an engine")
        named = earlier_of(coding)
        parts = (
            []
            if named is None or self._earlier is None
            else _parts(self._earlier, coding.segments, named.places)
        )
        return _native.decode_arrays(payload, header.engine_size, coding.segments, gauge.stop, parts)


def _parts(earlier: ReferenceFile, segments: Sequence[Segment], places: Sequence[int]) -> list[bytes]:
    """What the earlier file has in the place of each segment."""
    wanted = (
        (max(place, 0), 0 if place == NOWHERE else segment.size)
        for segment, place in zip(segments, places, strict=True)
    )
    return list(earlier.parts(wanted))


def _memory(header: BlockHeader) -> int:
    """What decoding takes beside the coded bytes and the plaintext."""
    named = None if header.coding is None else earlier_of(header.coding)
    if header.coding is None or named is None:
        return _native.ARRAYS_MEMORY
    placed = zip(header.coding.segments, named.places, strict=True)
    return _native.ARRAYS_MEMORY + _READING + sum(each.size for each, place in placed if place != NOWHERE)
