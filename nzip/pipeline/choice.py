"""In which ways a block is tried to be coded; the smallest result is taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from typing import NamedTuple

from nzip import _native
from nzip.codecs.arrays import ArraysCandidate
from nzip.codecs.contract import Block, Candidate
from nzip.codecs.layouts.earlier import place_segments
from nzip.codecs.segments import find_segments
from nzip.format.block import Segment
from nzip.format.registry import SegmentKind
from nzip.pipeline.judge import judge, sampled_size
from nzip.pipeline.resolve import Encoding
from nzip.transforms import chain
from nzip.transforms.contract import Data, Plain
from nzip.transforms.repeats import left_out

TRIFLE = 256  # bytes

# Arrays: of so few bytes, up to LAST_FAST and above it, what is slow is tried, too; a sample of more tells
# whether they would become smaller by so much that it is worth its time.
LAST_FAST = 4  # level
SMALL_FAST, SMALL = 1 << 18, 1 << 22
LEAST_SAMPLE, SAMPLE, SHARE = 1 << 13, 1 << 16, 32  # bytes, and of how many bytes of a block one
WORTH = 0.9


class Way(NamedTuple):
    """A candidate, and the block as that sees it."""

    candidate: Candidate
    block: Block


def choose(encoding: Encoding, plain: Plain, checksum: int, stop: _native.Stop) -> list[Way]:
    """The ways to code a block, the best one last where that is known.

    One that has a lighter one is tried beside it, unless blocks share a run.
    """
    arrays = list(_as_arrays(encoding, plain, checksum, stop))
    if arrays and _are_enough(encoding, arrays[0], stop):
        return arrays
    block = _prepared(encoding, plain, checksum, stop)
    candidates = possible(encoding, len(block.data), left_out(block.steps))
    if encoding.solid is None:
        candidates = list(_worth_trying(_judged(encoding, candidates, block, stop), block))
    return arrays + [Way(candidate, block) for candidate in candidates]


def possible(encoding: Encoding, data_size: int, left_out: int) -> list[Candidate]:
    """The candidates for blocks of ``data_size`` bytes beside ``left_out`` that repeat others.

    If a block hardly has others, to start what a level has would be all the work on it.
    """
    if encoding.solid is not None:
        return [encoding.main]
    if left_out > 0 and data_size <= TRIFLE:
        return [encoding.main.cheapest]
    return list(encoding.candidates)


def _prepared(encoding: Encoding, plain: Plain, checksum: int, stop: _native.Stop) -> Block:
    # A reference is not transformed, nor is what may repeat it.
    refers = encoding.refers
    made = (
        chain.untransformed(plain.data) if refers else chain.transform(plain, stop, without=encoding.without)
    )
    segments = find_segments(made.data, made.parts, passes=not refers, stop=stop)
    return Block(plain.size, checksum, made.data, made.steps, segments)


def _judged(
    encoding: Encoding, candidates: list[Candidate], block: Block, stop: _native.Stop
) -> Iterator[Candidate]:
    """As a rule one of each codec."""
    for _, ways in groupby(candidates, type):
        yield from judge(encoding, list(ways), block, stop)


def _worth_trying(candidates: Iterable[Candidate], block: Block) -> Iterator[Candidate]:
    for candidate in candidates:
        if candidate.lighter is not candidate:
            yield candidate.lighter
        if candidate.accepts(block):
            yield candidate


def _as_arrays(encoding: Encoding, plain: Plain, checksum: int, stop: _native.Stop) -> Iterator[Way]:
    """The block as arrays of numbers, if it is mostly that; runs of blocks know none but beside a
    reference."""
    if (encoding.solid is not None and not encoding.refers) or plain.tail.size:
        return
    if (arrays := encoding.arrays) is None:
        return
    segments, places = plain.arrays
    if not segments:
        segments = tuple(Segment(*fields) for fields in _native.find_arrays(plain.data, stop))
        if segments and arrays.earlier is not None:  # whose numbers are where these are
            starts = accumulate((segment.size for segment in segments[:-1]), initial=plain.start)
            segments, places = place_segments(segments, starts, arrays.earlier.size)
    if segments:
        yield Way(arrays, Block(plain.size, checksum, plain.data, (), segments, places))


def _are_enough(encoding: Encoding, way: Way, stop: _native.Stop) -> bool:
    """Whether what is slow need not be tried on a block of arrays."""
    is_fast = encoding.options.level <= LAST_FAST
    small = SMALL_FAST if is_fast else SMALL
    learned = encoding.components.reference_size
    if way.block.size + learned < min(small, encoding.block_bytes):  # a whole block may be one of many
        return False
    if learned:  # before the other engine could be judged
        return isinstance(way.candidate, ArraysCandidate) and way.candidate.gains(way.block)
    if is_fast:
        return True
    sample, segment = _sample(way.block)

    def coded(candidate: Candidate, segments: tuple[Segment, ...]) -> int:
        return sampled_size(candidate, [Block(len(sample), 0, sample, (), segments)], stop)

    return coded(encoding.main.lighter, find_segments(sample, stop=stop)) > WORTH * coded(
        way.candidate, (segment,)
    )


def _sample(block: Block) -> tuple[Data, Segment]:
    """Of the middle of the largest array."""
    best, at, start = block.segments[0], 0, 0
    for segment in block.segments:
        if segment.parameter != 0 and (best.parameter == 0 or segment.size > best.size):
            best, start = segment, at
        at += segment.size
    element = _native.element_size(best.parameter) or 1
    size = min(best.size, SAMPLE, max(LEAST_SAMPLE, block.size // SHARE))
    start += (best.size - size) // 2 // element * element
    data = block.data[start : start + size]
    return data, Segment(SegmentKind.ARRAY, best.parameter, len(data))
