"""A simulation of devices that evaluate networks and cores that mix and code, from measured costs.

Each block in flight asks its device for the predictions of a step of all its lanes, waits, and then needs
a core to mix and code these bytes. A device takes all that wait for it as one batch; its answer crosses the
link and is handed out by the process's interpreter, which does one thing at a time. Cores take blocks in the
order in which they are ready.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

WIRE_BYTES = 4 * 256 + 4 * 11  # of a position: its weights, and the rows of the tables
_ROUNDS, _WARMUP = 400, 100  # of each block, and of these the first ones, which are not counted


@dataclass(frozen=True)
class Plant:
    """What works. Rates are in bytes a second, times in seconds."""

    devices: int
    cores: int
    step: Callable[[int], float]  # the time of a batch of so many positions
    mixing: float  # time of a core for a byte
    dispatch: float = 0.0  # time of the interpreter for a byte
    link: float = float("inf")  # rate between a device and the host
    processes: int = 1  # interpreters, which devices take in turn


@dataclass(frozen=True)
class Load:
    """What is worked on: blocks in flight, and the positions that each asks for at once."""

    blocks: int
    positions: int


@dataclass(frozen=True)
class Outcome:
    """Bytes a second, and the part of the time that each kind of worker is busy."""

    speed: float
    busy: dict[str, float]

    @property
    def busiest(self) -> str:
        """What limits the speed, if anything is busy nearly all of the time."""
        return max(self.busy, key=lambda name: self.busy[name])


class _Station:
    """Servers with one queue. Each takes a job, and what follows is done when its time is over."""

    def __init__(self, clock: _Clock, servers: int) -> None:
        self._clock, self._free, self.servers = clock, servers, servers
        self._queue: deque[tuple[float, Callable[[], None]]] = deque()
        self.worked = 0.0

    def add(self, seconds: float, then: Callable[[], None]) -> None:
        self._queue.append((seconds, then))
        self._begin()

    def _begin(self) -> None:
        if self._free and self._queue:
            self._free -= 1
            seconds, then = self._queue.popleft()
            self.worked += seconds
            self._clock.after(seconds, lambda: self._end(then))

    def _end(self, then: Callable[[], None]) -> None:
        self._free += 1
        then()
        self._begin()


class _Clock:
    """Calls what is due, in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        heappush(self._due, (self.now + seconds, next(self._order), call))

    def tick(self) -> None:
        self.now, _, call = heappop(self._due)
        call()


class _Device:
    """A device, its link, and the blocks that wait for it."""

    def __init__(self, sim: _Simulation, interpreter: _Station) -> None:
        self._sim, self._interpreter = sim, interpreter
        self._waiting, self._working = 0, False
        self.worked = self.transferred = 0.0

    def ask(self) -> None:
        self._waiting += 1
        if not self._working:
            # Not at once: who asks at the same time gets into the same batch.
            self._working = True
            self._sim.clock.after(0.0, self._begin)

    def _begin(self) -> None:
        plant, blocks = self._sim.plant, self._waiting
        self._waiting = 0
        positions = blocks * self._sim.load.positions
        working, crossing = plant.step(positions), positions * WIRE_BYTES / plant.link
        self.worked += working
        self.transferred += crossing
        self._sim.clock.after(working + crossing, lambda: self._end(blocks, positions))

    def _end(self, blocks: int, positions: int) -> None:
        self._working = False
        self._interpreter.add(positions * self._sim.plant.dispatch, lambda: self._answer(blocks))
        if self._waiting:
            self._working = True
            self._begin()

    def _answer(self, blocks: int) -> None:
        for _ in range(blocks):
            self._sim.cores.add(self._sim.load.positions * self._sim.plant.mixing, self._coded)

    def _coded(self) -> None:
        self._sim.coded += self._sim.load.positions
        self.ask()


class _Simulation:
    def __init__(self, plant: Plant, load: Load) -> None:
        self.plant, self.load, self.clock, self.coded = plant, load, _Clock(), 0
        self.cores = _Station(self.clock, plant.cores)
        self.interpreters = [_Station(self.clock, 1) for _ in range(plant.processes)]
        self.devices = [
            _Device(self, self.interpreters[number % plant.processes]) for number in range(plant.devices)
        ]
        for block in range(load.blocks):
            self.devices[block % plant.devices].ask()

    def run(self, coded: int) -> None:
        while self.coded < coded:
            self.clock.tick()

    def worked(self) -> dict[str, float]:
        """Seconds by kind of worker, of all of a kind together over their number."""
        devices, stations = self.devices, self.interpreters
        return {
            "device": sum(each.worked for each in devices) / len(devices),
            "link": sum(each.transferred for each in devices) / len(devices),
            "interpreter": sum(each.worked for each in stations) / len(stations),
            "cores": self.cores.worked / self.cores.servers,
        }


def simulate(plant: Plant, load: Load) -> Outcome:
    """How fast it goes once it is going."""
    simulation = _Simulation(plant, load)
    round_bytes = load.blocks * load.positions
    simulation.run(_WARMUP * round_bytes)
    began, coded, before = simulation.clock.now, simulation.coded, simulation.worked()
    simulation.run(_ROUNDS * round_bytes)
    passed = simulation.clock.now - began
    busy = {name: (worked - before[name]) / passed for name, worked in simulation.worked().items()}
    return Outcome((simulation.coded - coded) / passed, busy)
