"""Measuring one compressor on one file: sizes, times, memory, and whether the file came back."""

from __future__ import annotations

import filecmp
import json
import os
import signal
import statistics
import subprocess
import sys
from dataclasses import dataclass

from nzip.bench.codec import Codec


class BenchError(OSError):
    """A compressor failed."""


@dataclass(frozen=True)
class Cost:
    """Seconds and bytes of memory of one direction: the medians of the times, the largest of the peaks."""

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True)
class Measurement:
    """One compressor on one file, or on several together."""

    file: str
    codec: str
    settings: str
    tool: str  # the library or command, and its version
    plain_bytes: int
    coded_bytes: int
    compress: Cost
    decompress: Cost
    round_trip: bool

    @property
    def bpb(self) -> float:
        """Bits for each byte of the original."""
        return 8 * self.coded_bytes / self.plain_bytes if self.plain_bytes else 0.0

    def speed(self, cost: Cost) -> float:
        """Bytes of the original per second."""
        return self.plain_bytes / cost.wall if cost.wall else 0.0


def measure(codec: Codec, path: str, *, name: str, threads: int, runs: int, scratch: str) -> Measurement:
    """Compress and restore a file, each `runs` times, in a process of its own."""
    source = os.path.abspath(path)
    packed, restored = os.path.join(scratch, "packed"), os.path.join(scratch, "restored")
    compress = _costs(codec, "pack", source, packed, threads, runs)
    decompress = _costs(codec, "unpack", packed, restored, threads, runs)
    measured = Measurement(
        name,
        codec.name,
        codec.settings,
        codec.tool(),
        os.path.getsize(source),
        os.path.getsize(packed),
        compress,
        decompress,
        filecmp.cmp(source, restored, shallow=False),
    )
    os.unlink(packed)
    os.unlink(restored)
    return measured


def _costs(codec: Codec, action: str, source: str, target: str, threads: int, runs: int) -> Cost:
    costs = []
    for _ in range(runs):
        if os.path.exists(target):
            os.unlink(target)
        costs.append(_run_child(codec, action, source, target, str(threads)))
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        max(cost.peak for cost in costs),
    )


def _run_child(codec: Codec, action: str, source: str, target: str, threads: str) -> Cost:
    # Started in the scratch folder: -m looks for modules in the current one first.
    child = subprocess.Popen(
        [sys.executable, "-m", "nzip.bench.child", codec.name, codec.way, action, source, target, threads],
        cwd=os.path.dirname(target),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = child.communicate()
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)  # the child and the command that it may be running
        child.wait()
        raise
    if child.returncode:
        reason = errors.strip().splitlines()[-1:] or [f"exit code {child.returncode}"]
        raise BenchError(f"{codec.name} failed to {action}: {reason[0]}")
    return Cost(**json.loads(output))


def together(measurements: list[Measurement]) -> Measurement:
    """All files of one compressor as if they were one: sizes and times add up, the largest peak counts."""
    first = measurements[0]
    if len(measurements) == 1:
        return first

    def add(costs: list[Cost]) -> Cost:
        return Cost(sum(c.wall for c in costs), sum(c.cpu for c in costs), max(c.peak for c in costs))

    return Measurement(
        f"all {len(measurements)} files",
        first.codec,
        first.settings,
        first.tool,
        sum(m.plain_bytes for m in measurements),
        sum(m.coded_bytes for m in measurements),
        add([m.compress for m in measurements]),
        add([m.decompress for m in measurements]),
        all(m.round_trip for m in measurements),
    )
