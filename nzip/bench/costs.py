"""What the parts of the work cost on a machine: seconds of a network's step, of mixing and coding a byte."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from nzip import _native
from nzip.engines import current_engine
from nzip.levels import LEVELS, table_log2
from nzip.models import nzm
from nzip.models.network import Network, load_network

Step = Callable[[int], object]  # evaluates a network once for so many positions

_COLUMNS = ("part", "level", "lanes", "seconds")
_STEP, _MIX = "step", "mix"
_KEYS = {_STEP: "lanes", _MIX: "level"}
STEP_BYTES = 4096  # that the native evaluator goes through while it is timed
_LEAST_SECONDS, _REPEATS = 0.05, 3


class CostsError(ValueError):
    """A file does not say what things cost."""


@dataclass(frozen=True)
class Costs:
    """Seconds: ``steps`` by the positions that are evaluated at once, ``mixing`` of a byte by level."""

    steps: Mapping[int, float]
    mixing: Mapping[int, float]

    def step(self, positions: int) -> float:
        """Linear between what was measured and, with the last slope, beyond it."""
        known = sorted(self.steps)
        after = min(max(1, int(np.searchsorted(known, positions))), len(known) - 1)
        (x0, y0), (x1, y1) = ((x, self.steps[x]) for x in known[after - 1 : after + 1])
        return max(0.0, y0 + (y1 - y0) * (positions - x0) / (x1 - x0))

    def rows(self, lanes: int) -> list[dict[str, Any]]:
        """As a file has them."""
        steps = [(_STEP, "", at, seconds) for at, seconds in self.steps.items()]
        mixing = [(_MIX, level, lanes, seconds) for level, seconds in self.mixing.items()]
        return [dict(zip(_COLUMNS, row, strict=True)) for row in [*steps, *mixing]]


def read_costs(paths: Iterable[Path]) -> Costs:
    """What files of rows say; all steps are those of the last file that has any, and mixing likewise.

    Raises CostsError where that is not enough, or a file is not in that form.
    """
    steps: dict[int, float] = {}
    mixing: dict[int, float] = {}
    for path in paths:
        found: dict[str, dict[int, float]] = {_STEP: {}, _MIX: {}}
        try:
            with path.open(newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    seconds = float(row["seconds"])
                    if not 0 < seconds < inf:
                        raise ValueError
                    found[row["part"]][int(row[_KEYS[row["part"]]])] = seconds
        except (KeyError, TypeError, ValueError, csv.Error):
            raise CostsError(f"{path} is not a table of {', '.join(_COLUMNS)}") from None
        steps, mixing = found[_STEP] or steps, found[_MIX] or mixing
    if len(steps) < 2 or not mixing:
        raise CostsError("at least two steps, and mixing at one level, must have been measured")
    return Costs(steps, mixing)


def step_costs(step: Step, positions: Iterable[int]) -> dict[int, float]:
    """Seconds of a step on a device, by the positions that it is called with.

    A step returns when its result is there.
    """
    return {at: _seconds(partial(step, at), time.perf_counter) for at in positions}


def torch_step(model: nzm.Model, device: str) -> Step:
    """A step of so many lanes on a torch device. What it predicts stays there."""
    import torch

    from nzip.models.torch_network import TorchNetwork

    network = TorchNetwork(model, torch.device(device))

    def step(lanes: int) -> object:
        rows = torch.zeros(1, lanes, network.input_tables, dtype=torch.int32, device=network.device)
        weights, _ = network.weights(rows, network.fresh_state(lanes))
        return weights[-1, -1, -1].item()  # waits for the device

    return step


def native_step_costs(network: Network, plain: bytes, positions: Iterable[int]) -> dict[int, float]:
    """The same of the evaluator that the engines have, in time of one core."""

    def steps(at: int) -> float:
        count = max(1, len(plain) // at)
        work = partial(_native.network_weights, network.native, plain[: at * count], at)
        return _seconds(work, time.thread_time) / count

    return {at: steps(at) for at in positions}


def mixing_cost(level: int, plain: bytes, lanes: int, threads: int) -> float:
    """Seconds of a core for a byte that is decoded beside a network, the network's own time left out.

    As many blocks are decoded at once as there are threads: cores share memory, and caches.
    """
    parts = LEVELS[level].component_set, table_log2(level, len(plain))
    segments = _native.detect(plain)
    coded = current_engine().engine(*parts, [_LEAST_NETWORK.expert()]).encode(plain, lanes, segments)
    if coded is None:
        raise CostsError("the sample is not compressible")

    def decode(_: int) -> float:
        engine = current_engine().engine(*parts, [_LEAST_NETWORK.expert()])
        began = time.thread_time()
        engine.decode(coded, len(plain), lanes, segments)
        return time.thread_time() - began

    with ThreadPoolExecutor(threads) as pool:
        seconds = sum(pool.map(decode, range(threads))) / threads / len(plain)
    (own,) = native_step_costs(_LEAST_NETWORK, plain[:STEP_BYTES], [lanes]).values()
    return max(0.0, seconds - own / lanes)


def _seconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    """Of one call: the best of some series, each long enough to be timed."""
    work()
    calls, best = 1, inf
    for _ in range(_REPEATS):
        while True:
            began = clock()
            for _ in range(calls):
                work()
            passed = clock() - began
            if passed >= _LEAST_SECONDS:
                break
            calls *= 2
        best = min(best, passed / calls)
    return best


def _least_network() -> Network:
    """The smallest network that there is: an engine mixes it as any other, and it takes next to no time."""
    shape = "glr1", 32, 1
    tensors = {place.name: np.full(place.shape, int(place.name == "shifts")) for place in nzm.layout(*shape)}
    return load_network(nzm.serialize(*shape, tensors, {}))


_LEAST_NETWORK = _least_network()
