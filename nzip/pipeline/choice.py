"""In which ways a block is tried to be coded; the smallest result is taken."""

from __future__ import annotations

from collections.abc import Iterator

from nzip.codecs.contract import Block, Candidate
from nzip.pipeline.resolve import Encoding
from nzip.transforms.repeats import left_out

TRIFLE = 256  # bytes


def choose(encoding: Encoding, block: Block) -> list[Candidate]:
    """The candidates for a block, the best one last where that is known.

    One that may not decode to what was coded is tried beside its exact one, unless blocks share a run.
    """
    candidates = possible(encoding, len(block.data), left_out(block.steps))
    return candidates if encoding.solid is not None else list(_worth_trying(candidates, block))


def possible(encoding: Encoding, data_size: int, left_out: int) -> list[Candidate]:
    """The candidates for blocks of ``data_size`` bytes beside ``left_out`` that repeat others.

    If a block hardly has others, to start what a level has would be all the work on it.
    """
    if encoding.solid is not None:
        return [encoding.main]
    if left_out > 0 and data_size <= TRIFLE:
        return [encoding.main.cheapest]
    return list(encoding.candidates)


def _worth_trying(candidates: list[Candidate], block: Block) -> Iterator[Candidate]:
    for candidate in candidates:
        if candidate.exact is not candidate:
            yield candidate.exact
        if candidate.accepts(block):
            yield candidate
