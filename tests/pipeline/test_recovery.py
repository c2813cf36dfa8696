"""What recovery records protect comes back byte for byte, whatever range of it is lost."""

from __future__ import annotations

import io
import random
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.recovery_parts import parts_of
from support.samples import TEXT, noise

import nzip
from nzip.format.recovery import MAX_TOTAL, Geometry, RecoveryPart, parse_recovery
from nzip.pipeline import EncodeOptions, compress_stream, erasure, memory_needed, recovery
from nzip.pipeline.recovery import choose_geometry
from nzip.pipeline.repair import Repair, has_recovery

PERCENT = 5


def coded(plain: bytes, percent: float = PERCENT, **options) -> bytes:
    out = io.BytesIO()
    chosen = {"level": 1, "prime": "none", "threads": 1, "block_size": 4096, **options}
    compress_stream(io.BytesIO(plain), out, EncodeOptions(recovery=percent, **chosen))
    return out.getvalue()


PLAIN = noise(40_000)
CODED = coded(PLAIN)
BARE = len(coded(PLAIN, 0))


def repaired(data: bytes) -> bytes:
    out = io.BytesIO()
    assert Repair(io.BytesIO(data)).write(out)
    return out.getvalue()


def destroyed(data: bytes, start: int, size: int) -> bytes:
    return data[:start] + random.Random(start).randbytes(size) + data[start + size :]


# The code.


def product(one: int, other: int) -> int:
    """Of two polynomials, as docs/format/container.md says it."""
    result = 0
    for bit in range(8):
        if other >> bit & 1:
            result ^= one << bit
    for bit in range(15, 7, -1):
        if result >> bit & 1:
            result ^= 0b1_0001_1101 << bit - 8
    return result


def test_arithmetic():
    for one in range(256):
        for other in range(0, 256, 7):
            assert erasure.multiply(one, other) == product(one, other)
        assert not one or product(one, erasure.invert(one)) == 1


def test_factors_are_those_of_the_document():
    for parity in 0, 1, 77:
        for column in 0, 1, 170:
            assert product(erasure.factor(parity, column), 255 - parity ^ column) == 1


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 40), st.integers(1, 20), st.randoms(use_true_random=False))
def test_any_so_many_that_are_missing_come_back(columns, parities, source):
    data = [source.randbytes(9) for _ in range(columns)]
    sums = erasure.Sums(range(parities), 9)
    for column, slice_ in enumerate(data):
        sums.add(column, slice_)
    missing = source.sample(range(columns), source.randrange(1, min(columns, parities) + 1))
    left = {parity: sums[parity] for parity in source.sample(range(parities), len(missing))}
    others = [(column, data[column]) for column in range(columns) if column not in missing]
    assert erasure.restore(others, left, missing) == [data[column] for column in missing]


@pytest.mark.parametrize("percent", [0.1, 1, 5, 20, 100])
@pytest.mark.parametrize("size", [8, 100, 5000, 10**6, 10**8, 10**12])
def test_geometry(size, percent):
    geometry = choose_geometry(size, percent)
    geometry.check()
    assert geometry.percent >= percent
    assert geometry.columns + geometry.parities <= MAX_TOTAL
    assert geometry.slice_size <= recovery.MAX_SLICE


# Streams.


def test_what_is_decoded_is_the_same():
    assert nzip.decompress(CODED) == PLAIN
    assert nzip.info(io.BytesIO(CODED)).streams[0].recovery >= PERCENT
    assert nzip.info(io.BytesIO(coded(PLAIN, 0))).streams[0].recovery is None
    assert Repair(io.BytesIO(CODED)).is_intact
    assert has_recovery(io.BytesIO(CODED))
    assert coded(PLAIN, threads=3) == CODED
    assert nzip.decompress(nzip.compress(PLAIN, 1, recovery=3)) == PLAIN


def test_cost():
    assert len(CODED) - BARE < 0.13 * BARE
    large = choose_geometry(10**8, PERCENT)
    assert large.parities * large.rows * (large.slice_size + 4 * large.columns) < 0.065 * 10**8


def test_any_range_of_the_share_that_was_asked_for():
    size = BARE * PERCENT // 100
    for start in [*range(0, len(CODED) - size, 1009), len(CODED) - size]:
        assert repaired(destroyed(CODED, start, size)) == CODED


@pytest.mark.parametrize("plain", [b"", b"x", TEXT[:300]])
def test_small_streams(plain):
    data = coded(plain)
    for start in range(len(data) - 2):
        assert repaired(destroyed(data, start, 3)) == data


@pytest.mark.parametrize("options", [{"solid": 20_000}, {"block_size": 1 << 20}, {"lanes": 3}])
def test_other_streams(options):
    data = coded(TEXT * 20 + noise(3000), **options)
    for start in range(0, len(data) - 50, len(data) // 5):
        assert repaired(destroyed(data, start, 50)) == data


def test_ranges_that_are_missing_and_bytes_that_were_added():
    for start in range(0, len(CODED), 3001):
        assert repaired(CODED[:start] + CODED[start + 700 :]) == CODED
        assert repaired(CODED[:start] + noise(500) + CODED[start:]) == CODED or start == 0
    assert repaired(CODED[:-900]) == CODED
    assert repaired(CODED[900:]) == CODED


def test_many_small_damages():
    """One byte in every row of a large stream, and more: all that counts is how many hit one row."""
    data = coded(noise(5_000_000), 2, block_size=1 << 20)
    geometry = parts_of(data)[0].geometry
    assert geometry.rows > 1
    damaged = bytearray(data)
    for row in range(geometry.rows):
        for column in range(geometry.parities):
            damaged[(column * 7 % geometry.columns * geometry.rows + row) * geometry.slice_size + 5] ^= 1
    assert repaired(bytes(damaged)) == data


def test_several_streams():
    data = CODED + coded(TEXT) + coded(noise(500), 0) + CODED
    assert Repair(io.BytesIO(data)).is_intact
    middle = len(CODED) + 50
    assert repaired(destroyed(destroyed(data, 1000, 300), middle, 30)) == data
    assert repaired(destroyed(data, len(CODED) - 20, 40)) == data


def test_more_than_can_be_restored():
    """Nothing is made up: what is lost stays as it is, and the rest is restored where it can be."""
    size = BARE // 4
    repair = Repair(io.BytesIO(destroyed(CODED, 5000, size)))
    out = io.BytesIO()
    assert 0 < repair.lost == repair.damaged
    assert not repair.write(out)
    assert out.getvalue() == destroyed(CODED, 5000, size)


def test_parts_are_restored():
    data = coded(noise(5_000_000), 1, block_size=1 << 20)
    rows = parts_of(data)[0].geometry.rows
    size = parts_of(data)[0].geometry.slice_size
    assert rows > 1
    damaged = bytearray(data)
    for column in range(10):  # one row loses too much, another one slice
        damaged[column * rows * size + 3] ^= 1
    damaged[size + 3] ^= 1
    repair, out = Repair(io.BytesIO(damaged)), io.BytesIO()
    assert (repair.damaged, repair.lost) == (11, 10)
    assert not repair.write(out)
    damaged[size + 3] ^= 1
    assert out.getvalue() == damaged


def test_without_recovery_records():
    for data in b"", b"text", nzip.compress(TEXT, 1):
        with pytest.raises(nzip.NzipFormatError, match="has no recovery records"):
            Repair(io.BytesIO(data))


def test_an_archive_within():
    """A stored block that holds a file with records of its own, and its header damaged."""
    data = coded(CODED, block_size=1 << 20)
    assert repaired(destroyed(data, 10, 10)) == data


def test_memory_is_planned():
    plain, safe = (memory_needed(EncodeOptions(1, recovery=percent)) for percent in (0, 5))
    assert safe - plain == recovery.RECOVERY_MEMORY


@pytest.mark.parametrize("percent", [-1, 101])
def test_shares_that_make_no_sense(percent):
    with pytest.raises(ValueError, match="percent"):
        EncodeOptions(recovery=percent)


# Records that lie.


def test_records_of_one_parity_are_apart():
    data = coded(noise(5_000_000), 2, block_size=1 << 20)
    parts = parts_of(data)
    assert [part.parity for part in parts] == sorted(part.parity for part in parts)
    assert all(one.distance < other.distance for one, other in pairwise(parts))


@pytest.mark.parametrize(
    "change",
    [
        {"identity": 5},
        {"geometry": Geometry(1 << 60, 1 << 53, 1, 3)},
        {"geometry": Geometry(1 << 30, 1, 1 << 26, 3)},
        {"distance": 1 << 60},
        {"distance": 0},
    ],
)
def test_lies(change):
    part = parts_of(CODED)[0]
    if "geometry" in change:
        geometry = change["geometry"]
        part = part._replace(checks=bytes(4 * geometry.columns), data=bytes(min(geometry.slice_size, 1000)))
    lie = part._replace(**change).encode()
    for data in lie * 20, lie + CODED, CODED + lie * 5, destroyed(CODED, 3000, 100) + lie:
        out = io.BytesIO()
        try:
            Repair(io.BytesIO(data)).write(out)
        except nzip.NzipError:
            continue
        assert len(out.getvalue()) < 3 * len(data)


def test_a_false_check_is_found_by_the_identity():
    """Checks that agree with damaged slices, so that nothing seems to be missing."""
    parts = parts_of(CODED)
    end = parts[0].distance
    damaged = destroyed(CODED[:end], 2000, 50)
    geometry = parts[0].geometry
    slices = [damaged[at : at + geometry.slice_size] for at in range(0, end, geometry.slice_size)]
    checks = b"".join(nzip.format.recovery.slice_check(s.ljust(geometry.slice_size, b"\0")) for s in slices)
    data = damaged + b"".join(part._replace(checks=checks).encode() for part in parts)
    with pytest.raises(nzip.NzipChecksumError, match="not those"):
        Repair(io.BytesIO(data)).write(io.BytesIO())


def test_any_change_of_a_record_is_refused_or_harmless():
    source = random.Random(2)
    record = parts_of(coded(noise(300)))[0].encode()
    head, body = CODED[:200], record[3:-4]
    start = time.monotonic()
    for _ in range(1500):
        changed = bytearray(body)
        for _ in range(source.randrange(1, 4)):
            at = source.randrange(40)
            changed[at : at + source.randrange(3)] = source.randbytes(source.randrange(3))
        try:
            part = parse_recovery(bytes(changed))
            Repair(io.BytesIO(head + part.encode())).write(io.BytesIO())
        except nzip.NzipError:
            continue
    assert time.monotonic() - start < 60


def test_many_sets_of_records_take_no_more_time_than_in_proportion():
    """Each says that it protects twice the file, in slices of a byte."""
    geometry = Geometry(20_000, 1, 100, 1)
    sets = b"".join(
        RecoveryPart(number, geometry, 0, 0, 0, 1, bytes(4 * geometry.columns), b"x").encode()
        for number in range(300)
    )
    start = time.monotonic()
    Repair(io.BytesIO(sets)).write(io.BytesIO())
    assert time.monotonic() - start < 30
