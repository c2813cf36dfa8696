"""Context mixing, by the engines of the native core."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nzip import _native
from nzip._native import EngineEntry
from nzip.codecs.components import (
    Components,
    decoder_components,
    encoder_components,
    fewest_components,
    without_network,
)
from nzip.codecs.contract import Block, Candidate, Codec, Cost, DecodingRun, EncodingRun
from nzip.engines import CURRENT, ENGINES
from nzip.errors import NzipFormatError, NzipVersionError
from nzip.format.block import BlockHeader, Coding, Segment
from nzip.format.reference import reference_of
from nzip.format.registry import COMPONENT_NONE, ExpertKind, SegmentKind
from nzip.levels import LEVELS, has_learner
from nzip.models import shipped
from nzip.options import EncodeOptions
from nzip.progress import Gauge
from nzip.resources.devices import Devices
from nzip.resources.primes import Prime
from nzip.resources.resources import Resources

# Where native/experts/token/text.hpp looks for text, and what it believes to be some, if that is ASCII.
_MAY_HAVE_TEXT = {SegmentKind.BINARY, SegmentKind.RECORDS, SegmentKind.EXECUTABLE}
_TEXT = re.compile(rb"[\t-\r\x1b -~]{64}")

# Seconds for a byte on one core of a machine of 2024, as docs/results.md has them: by component set, and what
# the default network adds. Other networks are taken to be like it.
_SECONDS = {1: 0.7e-6, 2: 1.3e-6, 3: 3.1e-6, 4: 11e-6}
_MOST_SECONDS = max(_SECONDS.values())
_NETWORK_SECONDS = 15e-6
_LEARNER_SECONDS = 8e-6
_LEARNER_START = 5e-4  # seconds to make one, for each lane that has a byte
# Of small models; larger ones take longer.
_LANGUAGE_SECONDS = {ExpertKind.LANGUAGE_MODEL: 6e-3, ExpertKind.EXACT_LANGUAGE_MODEL: 2e-3}


class Mixing(Codec):
    """A revision of an engine of the native core."""

    def __init__(self, engine: int, revision: int) -> None:
        self.engine, self.revision = engine, revision

    @property
    def entry(self) -> EngineEntry:
        """What is to be known of the engine."""
        return ENGINES[self.engine, self.revision]

    def candidates(
        self, options: EncodeOptions, resources: Resources, memory_limit: int, own_prime: Prime | None
    ) -> Sequence[Candidate]:
        if (self.engine, self.revision) != CURRENT:
            return ()
        main = encoder_components(self.entry, options, resources, memory_limit, own_prime)
        ways = [main]
        # Who names a model wants it; a device has nothing else to do; a reference is for one set of tables.
        if options.model is None and not resources.devices and main.reference is None:
            # The level's prime is for text.
            prime = main.prime if own_prime is not None or options.prime is not None else None
            learner = has_learner(options.level, with_network=False)
            ways += [
                without_network(self.entry, each, prime, learner=learner)
                for each in LEVELS[options.level].without
            ]
        return tuple(MixingCandidate(way, options.level, options.lanes, resources.devices) for way in ways)

    def open(self, header: BlockHeader, resources: Resources) -> DecodingRun:
        return _MixingDecoder(_coding(header), resources)

    def cost(self, header: BlockHeader, run_size: int) -> Cost:
        coding = _coding(header)
        component_set = self._component_set(coding)
        reference = reference_of(coding)
        learned = 0 if reference is None else reference.size
        predicted = sum(segment.size for segment in coding.segments if segment.kind != SegmentKind.PACKED)
        kinds = {expert.kind for expert in coding.experts}
        has_network, learner = ExpertKind.BYTE_NETWORK in kinds, ExpertKind.LEARNER in kinds
        each = _seconds(component_set, has_network=has_network, has_learner=learner)
        each += sum(seconds for kind, seconds in _LANGUAGE_SECONDS.items() if kind in kinds)
        seconds = each * (predicted if coding.continues else predicted + learned)
        if learner:
            seconds += _LEARNER_START * min(coding.lanes, predicted)
        memory = self.entry.memory(component_set, coding.table_log2, run_size, coding.lanes, learned)
        if coding.prime != COMPONENT_NONE:
            memory += self.entry.snapshot_size(component_set)
        if learner:
            memory += _native.learner_memory(coding.lanes)
        return Cost(seconds, memory)

    def _component_set(self, coding: Coding) -> int:
        """The last one where the header does not tell."""
        row = shipped.ROWS.get(coding.profile) if isinstance(coding.profile, int) else None
        return self.entry.component_sets[-1] if row is None else row.component_set


def _seconds(component_set: int, *, has_network: bool, has_learner: bool) -> float:
    seconds = _SECONDS.get(component_set, _MOST_SECONDS)
    if has_network:
        seconds += _NETWORK_SECONDS
    if has_learner:
        seconds += _LEARNER_SECONDS
    return seconds


@dataclass(frozen=True, eq=False)
class MixingCandidate(Candidate):
    """The engine with its components."""

    components: Components
    level: int  # how large tables are
    lanes: int
    devices: Devices

    @property
    def takes_helpers(self) -> bool:
        return self.threads == 1

    @property
    def threads(self) -> int:
        language = self.components.language
        return 1 if language is None else language.threads

    @property
    def shared_memory(self) -> int:
        return self.components.shared_memory

    @property
    def key(self) -> Hashable:
        components = self.components
        return components.component_set, components.network_name, components.prime_component

    @property
    def seconds(self) -> float:
        components = self.components
        return _seconds(
            components.component_set,
            has_network=components.network is not None,
            has_learner=components.learner,
        )

    @property
    def exact(self) -> Candidate:
        language = self.components.language
        return self if language is None or language.is_exact else self.lighter

    @cached_property
    def lighter(self) -> Candidate:
        """Without a language model."""
        if self.components.language is None:
            return self
        return replace(self, components=replace(self.components, language=None))

    @cached_property
    def cheapest(self) -> Candidate:
        return replace(self, components=fewest_components(self.components.entry))

    def accepts(self, block: Block) -> bool:
        """A language model must be worth its part of the header: only text is what it is asked about."""
        if self.components.language is None:
            return True
        kinds = {segment.kind for segment in block.segments}
        return SegmentKind.TEXT in kinds or (
            not kinds.isdisjoint(_MAY_HAVE_TEXT) and _TEXT.search(block.data) is not None
        )

    def start(self, run_size: int, gauge: Gauge, helpers: int) -> EncodingRun:
        return _MixingEncoder(self, self._table_log2(run_size), gauge, helpers)

    def memory(self, run_size: int, most: int) -> int:
        return self.components.memory(self._table_log2(run_size), most, self.lanes, self.devices)

    def may_have_made(self, coding: Coding, run_size: int) -> bool:
        components = self.components
        return (
            (coding.engine, coding.revision) == (components.entry.id, components.entry.revision)
            and coding.profile == components.profile
            and coding.prime == components.prime_component
            # A language model is left out where it is no use.
            and set(coding.experts) <= set(components.experts)
            and coding.lanes == self.lanes
            and coding.table_log2 == self._table_log2(run_size)
        )

    def get_ready(self) -> None:
        self.components.get_ready()

    def _table_log2(self, run_size: int) -> int:
        return self.components.table_log2(self.level, run_size)


class _MixingEncoder(EncodingRun):
    def __init__(self, candidate: MixingCandidate, table_log2: int, gauge: Gauge, helpers: int) -> None:
        self._components, self._lanes = candidate.components, candidate.lanes
        self._table_log2 = table_log2
        self._engine = self._components.engine(table_log2, gauge, candidate.devices, helpers)

    def encode(
        self, block: Block, gauge: Gauge, *, continues: bool, keeps: bool
    ) -> tuple[Coding, bytes] | None:
        with gauge.watching(self._engine, len(block.data)):
            payload = self._engine.encode(block.data, self._lanes, block.segments, block.most, gauge.stop)
        if payload is None:
            return None
        coding = Coding(
            self._components.entry.id,
            self._components.entry.revision,
            self._components.profile,
            self._table_log2,
            block.segments,
            self._lanes,
            self._components.prime_component,
            self._components.experts,
            block.steps,
            continues=continues,
            keeps=keeps,
        )
        return coding, payload


class _MixingDecoder(DecodingRun):
    def __init__(self, coding: Coding, resources: Resources) -> None:
        self._components = decoder_components(coding, resources)
        self._devices = resources.devices
        self._engine: _native.Engine | None = None
        if coding.table_log2 < self._components.min_table_log2:
            raise NzipFormatError(f"a table of 2^{coding.table_log2} bytes is too small for a prime")
        if self._components.reference is not None:
            self._check_segments(self._components.reference.segments)

    @property
    def threads(self) -> int:
        language = self._components.language
        return 1 if language is None else language.threads

    def check(self, header: BlockHeader) -> None:
        if header.coding is not None:
            self._check_segments(header.coding.segments)

    def _check_segments(self, segments: Sequence[Segment]) -> None:
        entry = self._components.entry
        for segment in segments:
            if segment.kind not in entry.segment_kinds:
                raise NzipVersionError(f"segment kind {segment.kind} is not known")
            if segment.kind == SegmentKind.EXECUTABLE and segment.parameter not in entry.instruction_sets:
                raise NzipVersionError(f"instruction set {segment.parameter} is not known")

    def memory(self, header: BlockHeader, run_size: int) -> int:
        coding = _coding(header)
        engine = self._components.memory(coding.table_log2, run_size, coding.lanes, self._devices)
        return engine + self._components.shared_memory

    def decode(self, header: BlockHeader, payload: bytes, gauge: Gauge, helpers: int) -> bytes:
        coding = _coding(header)
        engine, self._engine = self._engine, None
        if engine is None:
            engine = self._components.engine(
                coding.table_log2, gauge, self._devices, helpers, header.coded_size
            )
        with gauge.watching(engine, header.engine_size):
            data = engine.decode(payload, header.engine_size, coding.lanes, coding.segments, gauge.stop)
        if coding.keeps:
            self._engine = engine
        return data


def _coding(header: BlockHeader) -> Coding:
    if header.coding is None:
        raise ValueError("a block that is stored is nothing for an engine")
    return header.coding
