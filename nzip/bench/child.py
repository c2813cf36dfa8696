"""The process in which one compressor does one thing, so that its time and its memory are its own.

`python -m nzip.bench.child CODEC library|command pack|unpack SOURCE TARGET THREADS` prints what that cost
as JSON.

A library is measured around the call, after its import; its memory is that of this whole process, the
interpreter (some 20 MB) included. A command is measured as a process with its start-up; what the system tells
of its memory cannot be less than this process had when it started the command, again some 20 MB.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time

from nzip.bench.codec import Codec
from nzip.bench.select import find_codec


def peak_memory(codec: Codec) -> int:
    """Bytes of main memory, at most."""
    if codec.command is None:
        try:  # unlike ru_maxrss, this does not start at what the parent process had
            with open("/proc/self/status") as status:
                return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))
        except (OSError, StopIteration):
            pass
    usage = resource.getrusage(resource.RUSAGE_SELF if codec.command is None else resource.RUSAGE_CHILDREN)
    return usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss << 10


def cpu_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    name, way, action, source, target, threads = sys.argv[1:]
    codec = find_codec(name, way)
    if codec.module is not None:
        importlib.import_module(codec.module)
    work = codec.pack if action == "pack" else codec.unpack
    wall, cpu = time.perf_counter(), cpu_seconds()
    work(source, target, int(threads))
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak_memory(codec)}))


if __name__ == "__main__":
    main()
