"""The table of memory in docs/results.md is what the planning says."""

from __future__ import annotations

import re
from pathlib import Path

from nzip import EncodeOptions
from nzip.format.block import BlockHeader, Coding, one_segment
from nzip.pipeline.cost import decoding_cost
from nzip.pipeline.memory import block_memory, memory_needed
from nzip.pipeline.resolve import Encoding, resolve_encoding

RESULTS = Path(__file__).parents[2] / "docs/results.md"
ROW = re.compile(r"\| (-\d[^|]*) \| (\d+) MiB \| (\d+) MiB \| (\d+) MiB \|")


def encoding(level: int) -> Encoding:
    return resolve_encoding(EncodeOptions(level=level, threads=1, memory_limit=1 << 40))


def decoding_memory(level: int) -> int:
    """Of a full block."""
    chosen, size = encoding(level), encoding(level).block_bytes
    parts = chosen.components
    engine = parts.entry
    log2 = parts.table_log2(level, chosen.run_bytes(size))
    segments = one_segment(size)
    coding = Coding(
        engine.id, engine.revision, parts.profile, log2, segments, 1, parts.prime_component, parts.experts
    )
    return decoding_cost([BlockHeader(size, 0, size // 4, coding)]).memory


def test_the_table_of_memory():
    told = {}
    for levels, *sizes in ROW.findall(RESULTS.read_text(encoding="utf-8")):
        for level in re.findall(r"-(\d)", levels):
            told[int(level)] = tuple(map(int, sizes))
    assert told == {
        level: tuple(
            round(size / 2**20)
            for size in (
                encoding(level).block_bytes,
                memory_needed(encoding(level)),
                decoding_memory(level),
            )
        )
        for level in range(1, 10)
    }


def test_further_threads():
    for level in range(1, 10):
        chosen = encoding(level)
        assert memory_needed(chosen) - block_memory(chosen) == chosen.block_bytes
