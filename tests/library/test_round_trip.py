"""Bytes in, the same bytes out, by every way through the library."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import TEXT, noise, pieces, plaintexts

import nzip
from nzip import pipeline
from nzip.levels import LEVELS

# Without what takes long to start, so that there may be many blocks.
option_sets = st.fixed_dictionaries(
    {"level": st.sampled_from([1, 3, 5]), "model": st.just("none"), "prime": st.just("none")},
    optional={
        "block_size": st.integers(1, 400),
        "lanes": st.sampled_from([1, 2, 3, 64, 1000]),
        "solid": st.integers(1, 1000),
        "threads": st.integers(1, 3),
        "index": st.booleans(),
        "verify": st.booleans(),
    },
)


network_sets = st.fixed_dictionaries(
    {"level": st.sampled_from([1, 3, 6]), "model": st.just("default")},
    optional={
        "prime": st.sampled_from(["none", "default"]),
        "block_size": st.integers(600, 1000),
        "lanes": st.sampled_from([1, 2, 3, 64, 1000]),
        "solid": st.integers(600, 1000),
        "threads": st.integers(1, 3),
    },
)


@settings(deadline=None, max_examples=40)
@given(plaintexts, network_sets)
def test_with_a_network(plain, options):
    """An encoder evaluates many positions at once, a decoder one after another."""
    packed = nzip.compress(plain, **options)
    assert nzip.decompress(packed) == plain
    assert packed == nzip.compress(plain, **{**options, "threads": 1})


@settings(deadline=None)
@given(plaintexts, option_sets)
def test_one_shot(plain, options):
    assert nzip.decompress(nzip.compress(plain, **options)) == plain


@settings(deadline=None, max_examples=40)
@given(plaintexts, option_sets, st.lists(st.integers(0, 10**6), max_size=8))
def test_pieces_change_nothing(plain, options, cuts):
    compressor = nzip.NzipCompressor(**options)
    coded = b"".join(compressor.compress(piece) for piece in pieces(plain, cuts)) + compressor.flush()
    assert coded == nzip.compress(plain, **options)
    decompressor = nzip.NzipDecompressor()
    assert (
        b"".join(decompressor.decompress(piece) for piece in pieces(coded, cuts) if not decompressor.eof)
        == plain
    )
    assert decompressor.eof


@settings(deadline=None, max_examples=30)
@given(plaintexts, option_sets)
def test_streams(plain, options):
    coded, restored = io.BytesIO(), io.BytesIO()
    totals = pipeline.compress_stream(io.BytesIO(plain), coded, pipeline.EncodeOptions(**options))
    assert (totals.plain, totals.coded) == (len(plain), len(coded.getvalue()))
    coded.seek(0)
    assert pipeline.decompress_stream(coded, restored) == totals
    assert restored.getvalue() == plain
    assert coded.getvalue() == nzip.compress(plain, **options)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level(level):
    data = TEXT + noise(500) + bytes(500) + bytes(range(256)) * 3
    model = "default" if level == 9 else None  # its own is not installed
    assert nzip.decompress(nzip.compress(data, level, model=model)) == data


@pytest.mark.parametrize("lanes", [1, 2, 3, 64, 1000, 1024])
@pytest.mark.parametrize("size", [1, 2, 63, 1000, 3000])
def test_lanes(lanes, size):
    data = TEXT[:size]
    coded = nzip.compress(data, level=1, lanes=lanes)
    assert nzip.decompress(coded) == data


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer(kind):
    coded = nzip.compress(kind(TEXT), level=1)
    assert nzip.decompress(kind(coded)) == TEXT


def test_wide_buffers_count_in_bytes():
    import array

    numbers = array.array("I", range(100))
    assert nzip.decompress(nzip.compress(numbers)) == numbers.tobytes()
    stored = io.BytesIO()
    with nzip.open(stored, "wb") as file:
        assert file.write(numbers) == 400
    assert nzip.decompress(stored.getvalue()) == numbers.tobytes()


def test_empty_is_a_valid_stream():
    coded = nzip.compress(b"")
    assert nzip.decompress(coded) == b""
    assert nzip.info(io.BytesIO(coded)).streams[0].blocks == []


@pytest.mark.parametrize("block_size", [1000, 999, 100, 1])
def test_exact_multiples_of_the_block_size(block_size):
    data = TEXT[:1000] if block_size > 1 else TEXT[:20]
    coded = nzip.compress(data, level=1, block_size=block_size)
    assert nzip.decompress(coded) == data
    blocks = nzip.info(io.BytesIO(coded)).streams[0].blocks
    assert [block.header.plain_size for block in blocks[:-1]] == [block_size] * (len(blocks) - 1)


@pytest.mark.parametrize("size", [1, 100, 2000, 11999])
def test_overhead_of_a_small_file(size):
    """Header and trailer of a stream of one block: at most 40 bytes."""
    for data in (TEXT * 4)[:size], noise(size):
        coded = nzip.compress(data)
        (block,) = nzip.info(io.BytesIO(coded)).streams[0].blocks
        assert len(coded) - block.header.coded_size <= 40


@pytest.mark.parametrize("size", [1, 1000, 100_000, 1_500_000])
@pytest.mark.parametrize("options", [{}, {"block_size": 1 << 16}, {"block_size": 1 << 16, "solid": 1 << 20}])
def test_expansion_of_random_data(size, options):
    coded = nzip.compress(noise(size), level=1, **options)
    assert len(coded) <= size * 1.001 + 64


@pytest.mark.parametrize(
    "options",
    [
        {"level": 0},
        {"level": 10},
        {"block_size": 0},
        {"block_size": 2**30 + 1},
        {"lanes": 0},
        {"lanes": 1025},
        {"solid": 0},
        {"solid": 2**31 + 1},
        {"threads": -1},
    ],
)
def test_options_out_of_range(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        nzip.compress(b"", **options)


def test_models():
    assert nzip.compress(TEXT, model="default") != nzip.compress(TEXT, model="none")
    with pytest.raises(nzip.NzipModelError, match="'large'"):
        nzip.compress(TEXT, model="large")
