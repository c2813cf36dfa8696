"""What restoring would cost, from headers alone: nothing is loaded, and nothing has to be known here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nzip import _native
from nzip.format.block import BlockHeader
from nzip.format.reference import reference_of
from nzip.format.registry import COMPONENT_NONE, ExpertKind, SegmentKind
from nzip.format.run import RunRules
from nzip.models import shipped
from nzip.transforms import chain

# Seconds for a byte on one core of a machine of 2024, as docs/results.md has them: by component set, and what
# the default network adds. Other networks are taken to be like it.
_SECONDS = {1: 0.7e-6, 2: 1.3e-6, 3: 3.1e-6, 4: 11e-6}
_SLOWEST = max(_SECONDS)
_NETWORK_SECONDS = 15e-6
_PASSED_SECONDS = 0.05e-6  # of bytes that no engine predicts


class Cost(NamedTuple):
    """Of decoding all blocks of a file."""

    seconds: float  # on one core, roughly
    memory: int  # bytes for the block that takes the most, networks aside; announced, so seldom less


def decoding_cost(headers: Iterable[BlockHeader]) -> Cost:
    """The cost of a stream's blocks, in order. NzipFormatError where they are no stream's."""
    seconds, memory = 0.0, 0
    rules = RunRules()
    for header in headers:
        rules.follow(header)
        seconds += _seconds(header)
        memory = max(memory, _memory(header, rules.size))
    return Cost(seconds, memory)


def _component_set(header: BlockHeader) -> int:
    """The slowest where the header does not tell."""
    profile = header.coding and header.coding.profile
    if isinstance(profile, int):
        for kind in 0, shipped.TRAINED, shipped.TRAINED_WITH_NETWORK:
            if profile - kind in _SECONDS:
                return profile - kind
    return _SLOWEST


def _seconds(header: BlockHeader) -> float:
    coding = header.coding
    if coding is None:
        return _PASSED_SECONDS * header.plain_size
    predicted = sum(segment.size for segment in coding.segments if segment.kind != SegmentKind.PACKED)
    if not coding.continues and (reference := reference_of(coding)) is not None:
        predicted += reference.size
    each = _SECONDS[_component_set(header)]
    if any(expert.kind == ExpertKind.BYTE_NETWORK for expert in coding.experts):
        each += _NETWORK_SECONDS
    return each * predicted + _PASSED_SECONDS * header.plain_size


def _memory(header: BlockHeader, run_size: int) -> int:
    coding = header.coding
    buffers = 2 * header.coded_size + header.plain_size
    if coding is None:
        return buffers
    buffers += chain.memory(coding.transforms)
    reference = reference_of(coding)
    size = 0 if reference is None else reference.size
    component_set = _component_set(header)
    memory = buffers + _native.engine_memory(component_set, coding.table_log2, run_size, coding.lanes, size)
    if coding.prime != COMPONENT_NONE:
        memory += _native.snapshot_size(component_set)
    return memory
