"""What the planning promises is what the process takes."""

import itertools
import os
import subprocess
import sys

import pytest
from support import TESTS

pytest.importorskip("resource")

# Peak memory counts from the same start: after the imports.
PROGRAM = """
import io, resource, sys
import nzip
from nzip import pipeline
from nzip.pipeline.coding import open_run
from nzip.pipeline.memory import decode_memory
from nzip.resources.resources import Resources
from support.samples import TEXT, noise

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

class Source(io.RawIOBase):
    left = 300_000
    def readable(self):
        return True
    def readinto(self, buffer):
        data = (TEXT[:2000] + noise(300, self.left))[:min(self.left, len(buffer))]
        buffer[:len(data)] = data
        self.left -= len(data)
        return len(data)

options = pipeline.EncodeOptions(level=int(sys.argv[1]), threads=int(sys.argv[2]), block_size=100_000)
path = sys.argv[3]
before = peak()
if sys.argv[4] == "c":
    with open(path, "wb") as file:
        pipeline.compress_stream(Source(), file, options)
    promised = pipeline.memory_needed(options)
else:
    with open(path, "rb") as file:
        pipeline.decompress_stream(file, None, pipeline.DecodeOptions(threads=options.threads))
    header = nzip.info(path).streams[0].blocks[0].header
    promised = decode_memory(open_run(header, Resources()), header, header.plain_size) * options.threads
print(peak() - before, promised)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("level", "cache", "threads"),
    [
        *itertools.product((1, 3, 5), ["shared"], (1, 2)),
        (5, "fresh", 2),  # these two work out what the prime makes of the tables
        (5, "none", 2),
    ],
)
def test_peak_memory(level, cache, threads, tmp_path, monkeypatch):
    if cache == "fresh":
        monkeypatch.setenv("NZIP_CACHE", str(tmp_path / "cache"))
    elif cache == "none":
        monkeypatch.setenv("NZIP_CACHE", os.path.join(os.devnull, "cache"))
    for direction in "c", "d":
        arguments = [
            sys.executable,
            "-c",
            PROGRAM,
            str(level),
            str(threads),
            str(tmp_path / "file.nz"),
            direction,
        ]
        output = subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=TESTS).stdout
        taken, promised = map(int, output.split())
        assert taken <= promised + 5_000_000
