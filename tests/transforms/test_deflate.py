"""Deflate streams of encoders at hand: little is kept beside their content, and they are restored."""

from __future__ import annotations

import contextlib
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import TEXT, make_text, noise, program, records, words

from nzip import _native

MOST = 1 << 30
DATA = make_text(100_000) + program(60_000) + noise(3000) + records(24, 60_000) + words(30_000)


def deflated(data: bytes, level=6, memory=8, window=15, strategy=zlib.Z_DEFAULT_STRATEGY) -> bytes:
    encoder = zlib.compressobj(level, zlib.DEFLATED, -window, memory, strategy)
    return encoder.compress(data) + encoder.flush()


def residue_of(packed: bytes, content: bytes) -> bytes:
    opened = _native.open_deflate(packed, 0, MOST)
    assert opened is not None
    size, plain, residue = opened
    assert plain == content
    assert size == len(packed)
    assert _native.close_deflate(plain, residue) == packed
    return residue


@pytest.mark.parametrize("level", range(10))
def test_levels_of_zlib_are_predicted(level):
    assert len(residue_of(deflated(DATA, level), DATA)) < 60


@pytest.mark.parametrize("strategy", [zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED])
@pytest.mark.parametrize("level", [1, 6])
def test_strategies_of_zlib_are_predicted(level, strategy):
    assert len(residue_of(deflated(DATA, level, strategy=strategy), DATA)) < 60


@pytest.mark.parametrize("memory", range(1, 10))
@pytest.mark.parametrize("window", [9, 12, 15])
def test_buffers_of_zlib_are_predicted(memory, window):
    packed = deflated(DATA, 6, memory, window)
    assert len(residue_of(packed, DATA)) < len(packed) // 1000 + 60


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=300),
            st.integers(0, 3000).map(lambda size: TEXT[:size]),
            st.tuples(st.binary(min_size=1, max_size=4), st.integers(1, 900)).map(
                lambda two: two[0] * two[1]
            ),
        ),
        max_size=8,
    ),
    st.integers(0, 9),
    st.integers(1, 9),
    st.integers(9, 15),
    st.integers(0, 4),
    st.lists(st.sampled_from([zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_BLOCK]), max_size=8),
)
def test_whatever_zlib_makes_is_restored(pieces, level, memory, window, strategy, flushes):
    encoder = zlib.compressobj(level, zlib.DEFLATED, -window, memory, strategy)
    packed = b"".join(
        encoder.compress(piece) + (encoder.flush(flushes[at]) if at < len(flushes) else b"")
        for at, piece in enumerate(pieces)
    )
    packed += encoder.flush()
    content = b"".join(pieces)
    if len(packed) <= 2 * len(content) + 64:
        residue_of(packed, content)


@pytest.mark.parametrize("cut", [1, 40, 300, 30_000])
def test_a_stream_is_opened_up_to_where_it_is_cut(cut):
    packed = deflated(DATA, 6, memory=5)
    size, content, residue = _native.open_deflate(packed[:-cut], 0, MOST)
    assert len(packed) - cut - 4000 < size <= len(packed) - cut
    assert _native.close_deflate(content, residue) == packed[:size]
    assert DATA.startswith(content)


def test_no_more_is_opened_than_may_be():
    packed = deflated(DATA, 6, memory=2)
    size, content, residue = _native.open_deflate(packed, 0, 50_000)
    assert 40_000 < len(content) <= 50_000
    assert _native.close_deflate(content, residue) == packed[:size]


@pytest.mark.parametrize(
    "packed",
    [b"", b"\x07", b"\x06", noise(1000), b"\x00\x01\x00\x00\x00", b"\x05\xe0\x81\x08\x00\x00", bytes(3)],
)
def test_what_is_no_stream_is_not_opened(packed):
    assert _native.open_deflate(packed, 0, MOST) is None


def test_bits_behind_the_end_and_before_stored_bytes_are_kept():
    packed = bytearray(deflated(b"abc" * 100, strategy=zlib.Z_FIXED))
    packed[-1] |= 0x80
    residue_of(bytes(packed), b"abc" * 100)
    stored = bytes([0b10111001, 50, 0, 205, 255]) + TEXT[:50]
    residue_of(stored, TEXT[:50])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=300))
def test_no_residue_does_harm(residue, content):
    with contextlib.suppress(ValueError):
        assert len(_native.close_deflate(content, residue)) <= 2 * len(content) + 64 + 400


def test_damaged_streams_do_no_harm():
    generator = random.Random(5)
    packed = deflated(DATA[:20_000])
    for _ in range(300):
        damaged = bytearray(packed)
        for _ in range(generator.randrange(1, 5)):
            damaged[generator.randrange(len(damaged))] = generator.randrange(256)
        opened = _native.open_deflate(damaged, 0, MOST)
        if opened is not None:
            size, content, residue = opened
            assert _native.close_deflate(content, residue) == damaged[:size]
