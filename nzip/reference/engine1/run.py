"""Runs: what blocks share, and how each is decoded (docs/format/engine1.md)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from nzip.errors import NzipFormatError, NzipVersionError
from nzip.reference.block_header import BlockHeader, Segment
from nzip.reference.engine1.block import Plan, begin_block, code_rounds
from nzip.reference.engine1.code import WEBASSEMBLY, fresh_code, revert_code
from nzip.reference.engine1.coder import coder
from nzip.reference.engine1.expert_rounds import ExpertRounds, read_experts
from nzip.reference.engine1.histories import fresh_histories
from nzip.reference.engine1.lane import BILEVEL, EXECUTABLE, PACKED, RECORDS, SAMPLES, TEXT, fresh_lanes
from nzip.reference.engine1.matches import HASHED, Matches, fresh_matches, lane_candidates
from nzip.reference.engine1.mixer import fresh_mixer
from nzip.reference.engine1.order import revert_order
from nzip.reference.engine1.primes import primed_histories
from nzip.reference.engine1.profiles import read_profile
from nzip.reference.engine1.samples_inputs import SAMPLE_MAPS
from nzip.reference.engine1.samples_layout import fresh_samples
from nzip.reference.engine1.shape import INPUTS_OF_A_CONTEXT, MATCH_MODELS, RUNS, Shape, predictor_shape
from nzip.reference.engine1.state import NUMBERS, Engine, Parts, Scratch
from nzip.reference.engine1.tables import OPEN, Tables, adaptive, apms, fixed_tables
from nzip.reference.resources import Resources

_REVISION = 1
_LEAST_PRIMED_TABLE = 26
_MOST_OF_A_RUN = 2**31
_MAPS = 8 << 22


class Run:
    """The engine of a run; its blocks are decoded in order."""

    def __init__(self, header: BlockHeader, resources: Resources) -> None:
        if header.revision != _REVISION:
            raise NzipVersionError(f"revision {header.revision} of engine 1 is not known")
        self._experts = read_experts(header, resources)
        self._profile = read_profile(header, self._experts, resources)
        _check_segments(header.segments)
        experts = self._experts
        self._shape = predictor_shape(
            self._profile.component_set,
            experts.network is not None,
            experts.learner,
            experts.language is not None,
        )
        self._tables = _tables()
        self._history = np.zeros(0, np.uint8)
        reference = experts.reference
        tables, self._match_bits = fresh_matches(
            self._shape.component_set, header.table_size, len(reference.content) if reference else 0
        )
        self._match_tables = tables
        self._word_classes = (
            resources.word_classes() if self._shape.component_set == 4 else np.zeros((0, 2), np.int64)
        )
        self._start(header, resources)
        if reference:
            size = len(reference.content)
            self._code(reference.content, size, reference.segments, 1, None)

    def decode(self, header: BlockHeader, coded: bytes) -> bytes:
        _check_segments(header.segments)
        begin = len(self._history)
        if begin + header.engine_size > _MOST_OF_A_RUN:
            raise NzipFormatError("a run of more than 2^31 bytes")
        self._code(None, header.engine_size, header.segments, header.lanes, coded)
        text = self._history[begin:].copy()
        at = 0
        for segment in header.segments:
            if segment.kind == EXECUTABLE:
                revert_code(text, at, at + segment.size, segment.parameter)
            elif segment.kind == SAMPLES:
                revert_order(text[at : at + segment.size], segment.parameter)
            at += segment.size
        return text.tobytes()

    def _start(self, header: BlockHeader, resources: Resources) -> None:
        shape, component_set = self._shape, self._shape.component_set
        self._bits = _fresh_bits(shape, self._tables)
        self._mixer = fresh_mixer(
            sum(shape.rows), np.array(shape.inputs, np.int32), len(shape.rows), sum(shape.final_rows)
        )
        if self._profile.start:
            self._profile.apply(shape, self._mixer, self._bits)
        prime = self._profile.text or (resources.prime(header.prime) if header.prime else b"")
        if self._profile.text and header.prime:
            raise NzipFormatError("a block names a prime beside its profile's")
        if prime:
            if header.table_size < _LEAST_PRIMED_TABLE:
                raise NzipFormatError(f"a primed table of 2^{header.table_size} bytes")
            self._histories = primed_histories(prime, component_set, self._tables, header.table_size)
        else:
            self._histories = fresh_histories(header.table_size)
        self._maps = np.full(_MAPS if component_set == 4 else 0, OPEN, np.uint32)
        count = 1 if component_set == 1 else 3 if component_set == 4 else 2
        more = 1024 if shape.learner or shape.language_model else 0
        self._apms = apms(self._tables, (count << 16) + more)

    def _code(
        self, given: bytes | None, size: int, segments: Sequence[Segment], lanes: int, coded: bytes | None
    ) -> None:
        """Decodes a block into the history, or learns given bytes."""
        begin = len(self._history)
        text = np.zeros(size, np.uint8) if given is None else _as_coded(given, segments)
        self._history = np.concatenate([self._history, text])
        plan = self._plan(begin, size, segments, lanes, given is not None)
        engine = self._engine(lanes)
        c = coder(coded or b"")
        begin_block(engine, plan)
        rounds = int(plan.starts[1] - plan.starts[0])
        if not self._experts.predict:
            complete = code_rounds(engine, c, plan, 0, rounds)
        else:
            own = ExpertRounds(self._experts, self._history[begin:], plan, engine, given is not None)
            complete = True
            for turn in range(rounds):
                own.before(turn)
                complete = complete and code_rounds(engine, c, plan, turn, turn + 1)
                own.after(turn)
                if not complete:
                    break
        if not complete:
            raise NzipFormatError("a block's coded bytes end too early")

    def _plan(self, begin: int, size: int, segments: Sequence[Segment], lanes: int, learns: bool) -> Plan:
        share, more = divmod(size, lanes)
        sizes = [share + 1] * more + [share] * (lanes - more)
        places = np.cumsum([0, *(segment.size for segment in segments)])[:-1]
        return Plan(
            begin + np.cumsum([0, *sizes]).astype(np.int64),
            np.array([segment.kind for segment in segments], np.int64),
            np.array([segment.parameter for segment in segments], np.int64),
            begin + places.astype(np.int64),
            self._match_bits,
            learns,
        )

    def _engine(self, lanes: int) -> Engine:
        shape, component_set = self._shape, self._shape.component_set
        hashed = np.array(HASHED[component_set], np.int64)
        full = component_set == 4
        return Engine(
            component_set,
            _parts(shape),
            self._tables,
            fresh_lanes(lanes, shape.contexts, self._history, self._word_classes),
            self._histories,
            Matches(self._match_tables, hashed, lane_candidates(component_set, lanes)),
            self._mixer,
            self._bits,
            self._maps,
            self._apms,
            np.array([shape.network, shape.learner, shape.language_model], np.int64),
            np.zeros((3, lanes if self._experts.predict else 0, 512), np.int64),
            shape.row_starts,
            np.cumsum([0, *shape.final_rows[:-1]]),
            fresh_code(lanes),
            fresh_samples(lanes if full else 0),
            _scratch(shape),
        )


@cache
def _tables() -> Tables:
    return fixed_tables()


def _check_segments(segments: Sequence[Segment]) -> None:
    for segment in segments:
        kind, parameter = segment.kind, segment.parameter
        if kind > PACKED:
            raise NzipVersionError(f"segments of kind {kind} are not known to engine 1")
        if kind == EXECUTABLE and not 1 <= parameter <= WEBASSEMBLY:
            raise NzipVersionError(f"instruction set {parameter} is not known")
        if kind in (RECORDS, BILEVEL) and parameter == 0:
            raise NzipFormatError("records of 0 bytes")
        if kind in (TEXT, 1, PACKED) and parameter:
            raise NzipFormatError(f"a segment of kind {kind} with a parameter")


def _as_coded(given: bytes, segments: Sequence[Segment]) -> npt.NDArray[np.uint8]:
    """A reference as the engine codes it."""
    if any(segment.kind in (EXECUTABLE, SAMPLES) for segment in segments):
        raise NzipVersionError("references of machine code or numbers are not known here")
    return np.frombuffer(given, np.uint8)


def _parts(shape: Shape) -> Parts:
    component_set = shape.component_set
    run_bits = 256 * (shape.contexts + 2)
    match_bits = run_bits + 96 * RUNS[component_set]
    sample_bits = match_bits + 32 * MATCH_MODELS[component_set]
    return Parts(
        shape.contexts,
        RUNS[component_set],
        INPUTS_OF_A_CONTEXT[component_set],
        run_bits,
        match_bits,
        sample_bits,
        len(predictor_shape(component_set, False, False, False).rows),
    )


def _fresh_bits(shape: Shape, tables: Tables) -> npt.NDArray[np.uint32]:
    """Adaptive bits of histories, runs, matches and numbers."""
    component_set = shape.component_set
    histories = [adaptive(int(prior)) for prior in tables.prior] + 9 * [OPEN]
    runs = [adaptive(65535 - 32768 // (n // 8 + 1)) for n in range(96)]
    matches = [adaptive(65535 - 32768 // (n + 1)) for n in range(32)]
    bits = (
        histories * (shape.contexts + 2) + runs * RUNS[component_set] + matches * MATCH_MODELS[component_set]
    )
    if component_set == 4:
        bits += SAMPLE_MAPS * 4096 * [OPEN]
    return np.array(bits, np.uint32)


def _scratch(shape: Shape) -> Scratch:
    contexts, runs = shape.contexts, RUNS[shape.component_set]
    most = contexts + 2 + max(runs, SAMPLE_MAPS + runs) + 2

    def numbers(*size: int) -> npt.NDArray[np.int64]:
        return np.zeros(size, np.int64)

    return Scratch(
        numbers(NUMBERS),
        numbers(contexts),
        numbers(contexts),
        numbers(runs + 2, 2),
        numbers(6),
        numbers(8),
        np.zeros(len(shape.inputs), np.int32),
        numbers(most),
        numbers(most),
        numbers(8),
        numbers(13 + 5),
        numbers(len(shape.rows)),
        numbers(4),
        numbers(len(shape.rows)),
        numbers(len(shape.rows)),
        numbers(8),
        numbers(4),
    )
