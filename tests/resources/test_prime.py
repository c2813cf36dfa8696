"""Primes: what they warm, and that both ends must know them."""

from __future__ import annotations

import errno
import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from support.engines import ENGINE
from support.primes import PLAIN, PRIME
from support.samples import noise, plaintexts, program, records

import nzip
from nzip import _native
from nzip.engines import CURRENT
from nzip.format.block import BlockHeader, Coding, one_segment
from nzip.format.checksum import checksum64
from nzip.format.registry import SegmentKind
from nzip.levels import LEVELS
from nzip.pipeline import EncodeOptions, memory_needed, resolve_encoding
from nzip.pipeline.coding import RunDecoder
from nzip.resources import primes
from nzip.resources.primes import DEFAULT_PRIME, shipped_primes
from nzip.resources.resources import Resources

PROFILES = (1, 2, 3, 4)


@pytest.fixture
def prime(tmp_path) -> Path:
    path = tmp_path / "prime"
    path.write_bytes(PRIME)
    return path


def warmed(profile: int, table_log2: int, snapshot: bytes) -> _native.Engine:
    engine = ENGINE.engine(profile, table_log2)
    for at in range(0, len(snapshot), 1 << 20):
        engine.restore(at, snapshot[at : at + (1 << 20)])
    return engine


def segments(plain: bytes) -> list[tuple[int, int, int]]:
    return [(SegmentKind.TEXT, 0, len(plain))]


# The engine


@pytest.mark.parametrize("profile", PROFILES)
def test_tables_of_any_size_start_from_one_snapshot(profile):
    snapshot = ENGINE.warm(profile, PRIME)
    assert len(snapshot) == ENGINE.snapshot_size(profile)
    cold = len(ENGINE.engine(profile, 26).encode(PLAIN, 1, segments(PLAIN)))
    sizes = []
    for table_log2 in 26, 27, 28, 29:
        coded = warmed(profile, table_log2, snapshot).encode(PLAIN, 1, segments(PLAIN))
        decoder = warmed(profile, table_log2, snapshot)
        assert decoder.decode(coded, len(PLAIN), 1, segments(PLAIN)) == PLAIN
        sizes.append(len(coded))
    assert max(sizes) < 0.9 * cold
    assert max(sizes) - min(sizes) <= 0.005 * min(sizes)  # hardly anything is lost in larger ones


def test_snapshots_are_deterministic_and_say_what_they_are():
    snapshots = {profile: ENGINE.warm(profile, PRIME) for profile in PROFILES}
    assert snapshots[3] == ENGINE.warm(3, bytearray(PRIME))
    assert len({snapshot[:64] for snapshot in snapshots.values()}) == len(PROFILES)
    assert ENGINE.warm(3, b"") == ENGINE.warm(3, b"\0\0")
    assert ENGINE.warm(3, b"one\0two") != ENGINE.warm(3, b"one two")
    assert ENGINE.warm(3, b"one\0\0two\0") == ENGINE.warm(3, b"one\0two")


@pytest.mark.parametrize("profile", PROFILES)
def test_an_unprimed_snapshot_is_a_fresh_engine(profile):
    snapshot = ENGINE.warm(profile, b"")
    for table_log2 in 26, 28:
        fresh = ENGINE.engine(profile, table_log2).encode(PLAIN, 1, segments(PLAIN))
        assert warmed(profile, table_log2, snapshot).encode(PLAIN, 1, segments(PLAIN)) == fresh


def test_parts_that_do_not_fit_are_refused():
    snapshot = ENGINE.warm(1, b"some text")
    for engine, at, part in (
        (ENGINE.engine(1, 25), 0, snapshot[: 1 << 20]),  # a smaller table
        (ENGINE.engine(1, 26), 0, snapshot + bytes(64)),
        (ENGINE.engine(1, 26), len(snapshot), bytes(64)),
        (ENGINE.engine(1, 26), 1 << 63, bytes(64)),
        (ENGINE.engine(1, 26), 1 << 20, bytes(65)),
        (ENGINE.engine(1, 26), (1 << 20) + 1, bytes(64)),
        (ENGINE.engine(1, 26), 0, snapshot[:64]),  # the first part is larger
        (ENGINE.engine(2, 26), 0, snapshot[: 1 << 20]),  # another profile's
        (ENGINE.engine(1, 26), 0, bytes(1 << 20)),
    ):
        with pytest.raises(ValueError, match="snapshot"):
            engine.restore(at, part)


def test_a_snapshot_of_anything_cannot_break_the_engine():
    """A checksum stands before this, but no table may make the engine read or write beside it."""
    snapshot = bytearray(ENGINE.warm(3, PRIME))
    garbage = noise(1 << 16)
    snapshot[64:] = (garbage * (len(snapshot) // len(garbage) + 1))[: len(snapshot) - 64]
    for table_log2 in 26, 27:
        coded = warmed(3, table_log2, snapshot).encode(PLAIN, 1, segments(PLAIN)) or b""
        if coded:
            decoder = warmed(3, table_log2, snapshot)
            assert decoder.decode(coded, len(PLAIN), 1, segments(PLAIN)) == PLAIN


# Files


@pytest.mark.parametrize(
    "options",
    [
        {"level": 1},
        {"level": 3, "lanes": 3},
        {"level": 5},
        {"level": 5, "model": "none", "block_size": 2000, "threads": 2},
        {"level": 5, "model": "none", "block_size": 2000, "solid": 300_000, "verify": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("plain", [PLAIN, b"x", records(12, 3000), program(3000), b""], ids=len)
def test_round_trip(plain, options, prime):
    packed = nzip.compress(plain, prime=prime, **options)
    assert nzip.decompress(packed, prime=prime) == plain
    if plain == PLAIN:
        assert len(packed) < len(nzip.compress(plain, prime="none", **options))


@settings(deadline=None, max_examples=25)
@given(plain=plaintexts)
def test_anything_round_trips(plain):
    assert nzip.decompress(nzip.compress(plain, level=5)) == plain


def test_the_default_prime_belongs_to_the_level():
    for level in LEVELS:
        expected = 0 if level < 4 else DEFAULT_PRIME
        for prime, component in (None, expected), ("default", DEFAULT_PRIME), ("none", 0):
            options = EncodeOptions(level=level, prime=prime, model="none")
            assert resolve_encoding(options).components.prime_component == component
    header = nzip.info(io.BytesIO(nzip.compress(PLAIN, level=5))).streams[0].blocks[0].header
    assert header.coding.prime == DEFAULT_PRIME
    assert header.coding.table_log2 == 26


def test_a_small_text_is_much_smaller():
    plain = b"The quick brown fox did not know what to do, so it went back to the house and waited.\n"
    primed, fresh = (
        nzip.compress(plain, level=5, model="none", prime=prime) for prime in ("default", "none")
    )
    assert len(primed) < len(fresh) - 10


def test_all_ways_to_read_and_write_take_a_prime(prime, tmp_path):
    packed = nzip.compress(PLAIN, prime=prime)
    compressor = nzip.NzipCompressor(prime=prime)
    assert compressor.compress(PLAIN) + compressor.flush() == packed
    target = tmp_path / "file.nz"
    with nzip.open(target, "wb", prime=prime) as file:
        file.write(PLAIN)
    assert target.read_bytes() == packed

    for read in (
        lambda **options: nzip.decompress(packed, **options),
        lambda **options: nzip.NzipDecompressor(**options).decompress(packed),
        lambda **options: nzip.open(target, **options).read(),
    ):
        with pytest.raises(nzip.NzipModelError, match=r"prime sha256:[0-9a-f]{32} is not here"):
            read()
        assert read(prime=prime) == PLAIN


def test_a_prime_is_named_by_its_hash(prime):
    expected = hashlib.sha256(PRIME).digest()[:16]
    assert Resources().add_prime(prime).component == expected
    header = nzip.info(io.BytesIO(nzip.compress(PLAIN, prime=prime))).streams[0].blocks[0].header
    assert header.coding.prime == expected


def test_primes_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError):
        nzip.compress(PLAIN, prime=tmp_path / "missing")
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(primes.MAX_PRIME + 1)
    with pytest.raises(OSError, match="at most") as caught:
        nzip.compress(PLAIN, prime=large)
    assert caught.value.errno == errno.EFBIG


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"prime": 2}, nzip.NzipModelError, "prime 2 is not known; a newer nzip"),
        ({"prime": bytes(16)}, nzip.NzipModelError, "prime sha256:0{32} is not here; --prime takes"),
        ({"prime": 1, "table_log2": 25}, nzip.NzipFormatError, "2\\^25"),
        ({"prime": 2, "table_log2": 34}, nzip.NzipModelError, "prime 2"),
    ],
)
def test_hostile_headers(fields, error, message):
    coding = Coding(1, ENGINE.revision, 3, **{"table_log2": 26, **fields}, segments=one_segment(100))
    with pytest.raises(error, match=message):
        RunDecoder().admit(BlockHeader(100, 0, 10, coding), 1 << 40)


def test_memory_counts_the_prime(prime):
    packed = nzip.compress(PLAIN, prime=prime)
    plain = nzip.compress(PLAIN, prime="none")
    with pytest.raises(nzip.NzipMemoryError) as caught:
        nzip.decompress(packed, prime=prime, memory_limit=64 << 20)
    assert caught.value.needed > 2 << 26  # the table and the snapshot
    assert nzip.decompress(plain, memory_limit=64 << 20) == PLAIN
    options = EncodeOptions(threads=1, model="none", prime="none", solid=1000)
    with_prime = memory_needed(replace(options, prime="default"), 1000)
    assert with_prime > memory_needed(options, 1000) + (2 << 26) - (1 << 18)
    with pytest.raises(nzip.NzipMemoryError):
        nzip.compress(PLAIN, prime=prime, memory_limit=64 << 20)


# What is shipped


@pytest.mark.parametrize("profile", [3, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
def test_the_shipped_prime_gives_the_tables_that_are_recorded(profile):
    shipped = shipped_primes()[DEFAULT_PRIME]
    text = shipped.text()
    assert (len(text), hashlib.sha256(text).hexdigest()) == (shipped.size, shipped.digest)
    assert checksum64(ENGINE.warm(profile, text)) == shipped.checksums[(*CURRENT, profile)]
