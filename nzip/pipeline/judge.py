"""Which of a codec's ways to code a block is worth its time, told by samples."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from nzip import _native
from nzip.codecs.contract import Block, Candidate
from nzip.codecs.segments import cut
from nzip.format.registry import SegmentKind
from nzip.levels import LEVELS
from nzip.pipeline.resolve import Encoding
from nzip.progress import Gauge

JUDGED = 1 << 18  # bytes of a block from which on samples are worth their time
_PIECES = 3  # of a block are coded to judge it; the first half of each warms the tables, the second counts
_SHARE = 64  # of the block that a piece is
_MOST = 1 << 16  # bytes of a piece
_WHOLE = 48  # bytes: of whole pixels of most pictures, and of whole samples of sound
_NUMBERS = SegmentKind.SAMPLES, SegmentKind.BILEVEL
_TABLES = SegmentKind.RECORDS, SegmentKind.BINARY


def judge(
    encoding: Encoding, candidates: Sequence[Candidate], block: Block, stop: _native.Stop
) -> Sequence[Candidate]:
    """Of a codec's candidates the one that promises the fewest bytes at the level's price of time.

    The first one has a network, which the cold tables of samples favour: it gains half as much in whole
    blocks. Small blocks are not judged by samples: others are best at pictures and sound, and what is best at
    tables is seen when both are tried.
    It depends on the block and the options alone, never on the machine.
    """
    first, *others = candidates
    if not others:
        return [first]
    if len(block.data) < JUDGED:
        if _is_mostly(block, _NUMBERS):
            return others[:1]
        return [first, others[0]] if _is_mostly(block, _TABLES) else [first]
    pieces = list(_pieces(block))
    coded = {each: sum(sampled_size(each, piece, stop) for piece in pieces) for each in candidates}
    best = min(others, key=lambda each: price(encoding, each, coded[each]))
    likely = (coded[first] + coded[best]) // 2
    return [first if price(encoding, first, likely) < price(encoding, best, coded[best]) else best]


def price(encoding: Encoding, candidate: Candidate, coded: int) -> float:
    """What coded bytes cost, with the time that they take: the least is the best."""
    return coded * (1 + LEVELS[encoding.options.level].price * 1e6 * candidate.seconds)


def sampled_size(candidate: Candidate, parts: Sequence[Block], stop: _native.Stop) -> int:
    """Coded bytes of the last of the parts of a run; those before it warm the tables."""
    *before, last = parts
    size = sum(part.size for part in parts)
    run = candidate.start(size, gauge := Gauge(size, stop=stop), 0)
    for number, part in enumerate(before):
        run.encode(part, gauge, continues=number > 0, keeps=True)
    made = run.encode(last, gauge, continues=bool(before), keeps=False)
    return last.size if made is None else len(made[1])


def _is_mostly(block: Block, kinds: Collection[SegmentKind]) -> bool:
    return 2 * sum(segment.size for segment in block.segments if segment.kind in kinds) > len(block.data)


def _pieces(block: Block) -> Iterator[tuple[Block, Block]]:
    """Evenly spaced, each in two halves."""
    size = len(block.data)
    half = min(size // _SHARE, _MOST) // 2
    for number in range(_PIECES):
        at = _aligned(block, (2 * number + 1) * size // (2 * _PIECES) - half)
        yield _part(block, at, at + half), _part(block, at + half, at + 2 * half)


def _aligned(block: Block, at: int) -> int:
    """An offset at or before this one, which cuts no number of the segment in two."""
    begin = 0
    for segment in block.segments:
        if at < begin + segment.size:
            break
        begin += segment.size
    return at - (at - begin) % _WHOLE


def _part(block: Block, start: int, end: int) -> Block:
    data = block.data[start:end]
    return Block(len(data), 0, data, (), cut(block.segments, start, end))
