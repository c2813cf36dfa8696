"""What restoring would cost, from headers alone: nothing is loaded, and nothing has to be known here."""

from __future__ import annotations

from collections.abc import Iterable

from nzip.codecs.contract import Cost
from nzip.codecs.table import CODECS
from nzip.engines import CURRENT
from nzip.format.block import BlockHeader
from nzip.format.run import RunRules
from nzip.pipeline.memory import buffer_memory

_COPIED_SECONDS = 0.05e-6  # a byte


def decoding_cost(headers: Iterable[BlockHeader]) -> Cost:
    """The cost of a stream's blocks, in order. NzipFormatError where they are no stream's.

    What is not known here is taken to cost as much as context mixing.
    """
    seconds, memory = 0.0, 0
    rules = RunRules()
    for header in headers:
        rules.follow(header)
        each = CODECS.get(header.codec, CODECS[CURRENT]).cost(header, rules.size)
        seconds += each.seconds + _COPIED_SECONDS * header.plain_size
        memory = max(memory, each.memory + buffer_memory(header))
    return Cost(seconds, memory)
