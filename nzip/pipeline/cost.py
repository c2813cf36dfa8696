"""What restoring would cost, from headers alone: nothing is loaded, and nothing has to be known here."""

from __future__ import annotations

from collections.abc import Iterable

from nzip.codecs.contract import Cost
from nzip.codecs.table import CODECS
from nzip.engines import CURRENT
from nzip.format.block import BlockHeader
from nzip.format.registry import TransformId
from nzip.format.run import RunRules
from nzip.pipeline.memory import buffer_memory

_BLOCK_SECONDS = 0.2e-3  # a block, however small
_COPIED_SECONDS = 0.05e-6  # a byte
_PACKED_SECONDS = 0.3e-6  # more, where packed streams are closed: JPEG files take the longest


def decoding_cost(headers: Iterable[BlockHeader]) -> Cost:
    """The cost of a stream's blocks, in order. NzipFormatError where they are no stream's."""
    seconds, memory = 0.0, 0
    rules = RunRules()
    for header in headers:
        rules.follow(header)
        each = block_cost(header, rules.size)
        seconds += each.seconds
        memory = max(memory, each.memory)
    return Cost(seconds, memory)


def block_cost(header: BlockHeader, run_size: int) -> Cost:
    """The cost of a block, ``run_size`` being what is coded of its run up to its end.

    What is not known here is taken to cost as much as context mixing.
    """
    coding = CODECS.get(header.codec, CODECS[CURRENT]).cost(header, run_size)
    each = _COPIED_SECONDS
    if any(step.id == TransformId.UNPACK for step in header.steps):
        each += _PACKED_SECONDS
    seconds = coding.seconds + each * header.plain_size + _BLOCK_SECONDS
    return Cost(seconds, coding.memory + buffer_memory(header))
