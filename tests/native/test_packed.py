"""Compressed and random data: what is taken for such, and that it is restored among everything else."""

from __future__ import annotations

import lzma
import zlib

import pytest
from support.samples import TEXT, noise, program, records, wave, words

import nzip
from nzip import _native
from nzip.format.registry import SegmentKind

WINDOW = 1 << 16
LEVELS = (1, 2, 5)  # of component sets 1 to 3, the last with a network


def packed(data: bytes) -> int:
    """How many bytes would be passed."""
    return sum(size for kind, _, size in _native.detect(data) if kind == SegmentKind.PACKED)


@pytest.mark.parametrize("coder", [lzma.compress, zlib.compress], ids=["lzma", "zlib"])
def test_compressed_data_are_found(coder):
    coded = coder(b"".join(hash_.hex().encode() for hash_ in (noise(32, i) for i in range(5000))))
    assert len(coded) > 2 * WINDOW
    assert packed(coded) >= len(coded) - WINDOW


def test_noise_is_found_between_other_data():
    data = words(WINDOW) + noise(3 * WINDOW) + words(WINDOW)
    assert [kind for kind, _, _ in _native.detect(data)] == [
        SegmentKind.TEXT,
        SegmentKind.PACKED,
        SegmentKind.TEXT,
    ]
    assert packed(data) == 3 * WINDOW


@pytest.mark.parametrize(
    "data",
    [
        b"",
        noise(WINDOW - 1),
        words(3 * WINDOW),
        records(24, 3 * WINDOW),
        program(3 * WINDOW),
        wave(3 * WINDOW),
        bytes(range(256)) * 1024,
        b"".join(noise(200, i) + TEXT[:100] for i in range(700)),
    ],
    ids=["empty", "short", "text", "records", "program", "sound", "ramp", "half"],
)
def test_what_may_be_predicted_is_not_passed(data):
    assert packed(data) == 0


def test_what_occurs_twice_is_not_passed():
    once = noise(2 * WINDOW)
    data = once + words(WINDOW) + noise(2 * WINDOW, 1) + once
    assert packed(data) == 2 * WINDOW
    assert len(nzip.compress(data, level=1, prime="none")) < len(data) - len(once) + WINDOW // 2


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("lanes", [1, 2, 7, 64])
def test_it_is_restored_wherever_it_stands(level, lanes):
    middle = noise(WINDOW)
    for data in (middle, middle + TEXT, TEXT + middle, TEXT[:5] + middle + TEXT + noise(WINDOW, 1) + TEXT):
        assert nzip.decompress(nzip.compress(data, level=level, lanes=lanes)) == data


@pytest.mark.parametrize("level", LEVELS)
def test_models_do_not_see_it(level):
    text = words(2000)
    apart = len(nzip.compress(text + text[:40] + noise(WINDOW), level=level))
    between = len(nzip.compress(text + noise(WINDOW) + text[:40], level=level))
    assert between < apart + 40


def test_a_run_of_blocks_goes_on_behind_it():
    data = TEXT + noise(WINDOW) + TEXT + noise(2 * WINDOW, 1) + TEXT
    coded = nzip.compress(data, level=3, solid=1 << 20, block_size=WINDOW)
    assert nzip.decompress(coded) == data
