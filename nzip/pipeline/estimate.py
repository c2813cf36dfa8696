"""What compressing would give and take, worked out from samples.

Large files are sampled in pieces, of which only the second half counts: the first one warms the tables. A
block's tables become warmer still, and spread over more memory. How many bytes that saves, and how much time
it takes, is measured on this very input with the fastest engine: what some pieces cost deep in a run, and
what the same pieces cost after one half. Costs are taken to change with a power of the depth, and with the
same one for all engines.

All places go through the fastest engine, as many as there is time for through the others. What these cost in
proportion at the places that both have seen varies much less from place to place than what they cost.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from nzip.codecs.contract import Candidate
from nzip.pipeline.coding import RunEncoder
from nzip.pipeline.judge import price
from nzip.pipeline.memory import helpers_for, threads_for
from nzip.pipeline.resolve import Encoding
from nzip.pipeline.sample import HALF, Pick, choose
from nzip.transforms.contract import Plain

SECONDS = 5.0  # of work with each engine,
FASTEST_SECONDS = 15.0  # and with the fastest one, on which the others' estimates rest
MIN_PICKS = 6
LANGUAGE_PICKS = 2  # with a language model, where each takes minutes
MAX_SEGMENTS = 3  # long runs in which the gain with depth is measured,
SEGMENT = 32  # in halves of a piece
PROBES = 6  # pieces of a segment that are also measured after one half only


Compress = Callable[[str, Encoding], tuple[int, int]]  # of a file's path; plain and coded bytes


@dataclass(frozen=True)
class Estimate:
    """What one setting would make of all files."""

    coded: float  # bytes
    seconds: float  # of work; a machine that does other things needs longer


@dataclass(frozen=True)
class _Cost:
    """For each byte of one pick."""

    pick: Pick
    coded: float
    seconds: float


def estimate(
    files: Sequence[tuple[str, int]],
    settings: Sequence[Encoding],
    compress: Compress,
    report: Callable[[Encoding], None],
) -> list[Estimate]:
    """For each setting what compressing the files, given by path and size, one by one would give and take.

    ``compress`` is given the paths of small files, and does all that is to be done with each of them.
    ``report`` hears of each setting before its engine is measured; settings of one engine are measured once.
    The first setting should be the fastest. Files that cannot be read are taken to be as the others are;
    where none can, the last one's error is raised.
    """
    picks = choose(files)
    costs: dict[object, list[_Cost | None]] = {}
    shares: dict[object, float] = {}
    for encoding in settings:
        if _engine(encoding) not in costs:
            report(encoding)
            seconds_each = SECONDS if costs else FASTEST_SECONDS
            costs[_engine(encoding)] = _costs(picks, encoding, seconds_each, compress)
            shares[_engine(encoding)] = _coding_share(picks, encoding)
    fastest = settings[0]
    base = costs[_engine(fastest)]
    if not any(base):
        return [Estimate(0, 0) for _ in settings]
    total = sum(size for _, size in files)
    saving = slowing = 0.0
    if fastest.components.language is None:  # which learns little from the text, and would take an hour
        saving, slowing = _powers(list(dict.fromkeys(picks)), fastest)

    def coded(encoding: Encoding, cost: _Cost) -> float:
        return cost.coded * _average(_run_size(cost.pick, encoding), saving)

    def seconds(encoding: Encoding, cost: _Cost) -> float:
        # Once the tables are full, it becomes no slower.
        slower = _average(min(_run_size(cost.pick, encoding), SEGMENT * HALF), slowing)
        blocks = threads_for(encoding, cost.pick.size)
        share = shares[_engine(encoding)] if helpers_for(encoding, blocks) else 1.0
        return cost.seconds * slower * share / blocks

    def whole(encoding: Encoding, measure: Callable[[Encoding, _Cost], float]) -> float:
        own = costs[_engine(encoding)]
        both = [(cost, other) for cost, other in zip(own, base, strict=False) if cost and other]
        if not both:  # all files became empty meanwhile
            return 0.0
        per_byte = fmean(measure(fastest, cost) for cost in base if cost)
        ratio = fmean(measure(encoding, cost) for cost, _ in both) / fmean(
            measure(fastest, other) for _, other in both
        )
        return total * per_byte * ratio

    return [Estimate(whole(encoding, coded), whole(encoding, seconds)) for encoding in settings]


def _engine(encoding: Encoding) -> object:
    """What settings that need only one measurement have in common."""
    return tuple(candidate.key for candidate in encoding.candidates)


def _costs(
    picks: Sequence[Pick], encoding: Encoding, seconds: float, compress: Compress
) -> list[_Cost | None]:
    """What the picks cost, place by place; None where there is nothing any more."""
    known: dict[Pick, _Cost | None] = {}
    costs: list[_Cost | None] = []
    failure: OSError | None = None
    RunEncoder(encoding).encode(Plain(b"so that networks and primes are loaded by now"))
    least = MIN_PICKS if encoding.components.language is None else LANGUAGE_PICKS
    start = _clock(encoding)
    for pick in picks:
        if pick not in known:
            try:
                known[pick] = _cost(pick, encoding, compress)
            except OSError as error:
                failure, known[pick] = error, None
        costs.append(known[pick])
        if len(known) >= least and _clock(encoding) - start > seconds:
            break
    if failure is not None and not any(costs):
        raise failure
    return costs


def _coding_share(picks: Sequence[Pick], encoding: Encoding) -> float:
    """How much of the work is left to the thread that codes a block when all others help with its network."""
    if (
        encoding.components.network is None
        or encoding.resources.devices
        or not (helpers := helpers_for(encoding, 1))
    ):
        return 1.0
    if not (sample := next(filter(None, map(_readable, picks)), b"")):
        return 1.0
    encoder, began, own = RunEncoder(encoding, helpers), time.process_time(), time.thread_time()
    encoder.encode(Plain(sample))
    return min(1.0, (time.thread_time() - own) / max(time.process_time() - began, 1e-9))


def _readable(pick: Pick) -> bytes:
    try:
        return pick.read(HALF)
    except OSError:
        return b""


def _clock(encoding: Encoding) -> float:
    """Seconds of work; for devices, which work elsewhere, of time."""
    return time.monotonic() if encoding.resources.devices else time.process_time()


def _cost(pick: Pick, encoding: Encoding, compress: Compress) -> _Cost | None:
    plain = pick.read()
    if not plain:
        return None
    if pick.is_whole or len(plain) <= HALF:  # what is left of a file that has shrunk
        return _Cost(pick, *_whole(pick.path, encoding, compress))
    return _Cost(pick, *_piece(plain, pick.size, encoding))


def _whole(path: str, encoding: Encoding, compress: Compress) -> tuple[float, float]:
    """Of a small file all counts: what is stored of it beside its content, and the work of making another."""
    start = _clock(encoding)
    plain, coded = compress(path, encoding)
    plain = max(1, plain)  # it may have become empty
    return coded / plain, (_clock(encoding) - start) / plain


def _piece(plain: bytes, file_size: int, encoding: Encoding) -> tuple[float, float]:
    """In the way that blocks like it are coded."""
    second = plain[HALF:]

    def cost(candidate: Candidate) -> _Sum:
        way = encoding.with_candidate(candidate)
        encoder, total = _run(way, min(file_size, way.block_bytes)), _Sum(way)
        encoder.encode(Plain(plain[:HALF]))
        total.encode(encoder, second)
        return total

    ways = [each for each in encoding.candidates if type(each) is type(encoding.main)]
    costs = {candidate: cost(candidate) for candidate in ways}
    best = min(costs, key=lambda each: price(encoding, each, costs[each].coded))
    return costs[best].coded / len(second), costs[best].seconds / len(second)


def _run(encoding: Encoding, size: int) -> RunEncoder:
    """Codes halves of a piece as parts of a run of that size, with the tables that such a run has."""
    return RunEncoder(encoding.with_options(block_size=HALF, solid=size))


def _run_size(pick: Pick, encoding: Encoding) -> int:
    """Bytes of the blocks that the pick's file makes; none to be extrapolated to where it was taken whole."""
    return 0 if pick.is_whole else min(pick.size, encoding.block_bytes)


def _average(run_size: int, power: float) -> float:
    """What a byte costs on average over a run, to what it costs in the second half of a piece."""
    if not run_size:
        return 1.0
    return math.pow(run_size / (1.5 * HALF), power) / (1 + power)


def _powers(picks: Sequence[Pick], encoding: Encoding) -> tuple[float, float]:
    """The powers of the depth that coded bytes and seconds go with."""
    deep, cold = _Sum(encoding), _Sum(encoding)
    logarithms = []
    for pick in [pick for pick in picks if pick.size >= 8 * HALF][:MAX_SEGMENTS]:
        try:
            data = pick.read(SEGMENT * HALF)
        except OSError:
            continue
        halves = [data[at : at + HALF] for at in range(0, len(data) - HALF + 1, HALF)]
        length = len(halves)
        run = _run(encoding, SEGMENT * HALF)
        for number, half in enumerate(halves):
            probed = number >= max(1, length // 2) and number % max(1, length // 2 // PROBES) == 0
            (deep if probed else _Sum(encoding)).encode(run, half)
            if probed:
                probe = _run(encoding, SEGMENT * HALF)
                probe.encode(Plain(halves[number - 1]))
                cold.encode(probe, half)
                logarithms.append(math.log((number + 0.5) / 1.5))
    if not logarithms or not cold.coded:
        return 0.0, 0.0
    depth = sum(logarithms) / len(logarithms)
    saving = max(-0.5, min(0.0, math.log(deep.coded / cold.coded) / depth))
    slowing = max(-0.1, min(0.2, math.log(deep.seconds / cold.seconds) / depth))
    return saving, slowing


@dataclass
class _Sum:
    """What halves of pieces cost together."""

    encoding: Encoding
    coded: int = 0
    seconds: float = 0.0

    def encode(self, encoder: RunEncoder, half: bytes) -> None:
        start = _clock(self.encoding)
        _, payload = encoder.encode(Plain(half))
        self.coded += len(payload)
        self.seconds += _clock(self.encoding) - start
