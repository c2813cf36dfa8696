"""The native engine by itself: what it codes it restores, whatever the block is said to consist of."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.engines import ENGINE
from support.samples import TEXT, bitmap, noise, pieces, plaintexts, program, records, words

from nzip import _native
from nzip.format.registry import SegmentKind
from nzip.levels import LEVELS, table_log2

PROFILES = (1, 2, 3, 4)
LANES = (1, 2, 3, 64, 1000)
MIB = 1 << 20

strides = st.integers(1, 65535) | st.sampled_from([1, 2, 3, 4, 255, 256, 65535, (1 << 32) - 1])
kinds = st.one_of(
    st.sampled_from([(SegmentKind.TEXT, 0), (SegmentKind.BINARY, 0)]),
    st.tuples(st.just(SegmentKind.EXECUTABLE), st.integers(0, 5)),
    st.tuples(st.sampled_from([SegmentKind.RECORDS, SegmentKind.BILEVEL]), strides),
)


@st.composite
def blocks(draw):
    """A plaintext, lanes, and segments of any kinds that cover it."""
    plain = draw(plaintexts.filter(len))
    parts = [part for part in pieces(plain, draw(st.lists(st.integers(0, 10**6), max_size=5))) if part]
    return plain, draw(st.sampled_from(LANES)), [(*draw(kinds), len(part)) for part in parts]


def check(profile: int, sequence) -> None:
    """Codes the blocks as one run, as far as that pays, and restores it."""
    encoder, decoder = ENGINE.engine(profile, 16), ENGINE.engine(profile, 16)
    for plain, lanes, segments in sequence:
        coded = encoder.encode(plain, lanes, segments)
        if coded is None:  # the engine is then in no defined state
            return
        assert len(coded) < len(plain)
        assert decoder.decode(coded, len(plain), lanes, segments) == plain


@pytest.mark.parametrize("profile", PROFILES)
@settings(deadline=None, max_examples=60)
@given(block=blocks())
def test_any_segments(profile, block):
    check(profile, [block])


@pytest.mark.parametrize("profile", PROFILES)
@settings(deadline=None, max_examples=30)
@given(sequence=st.lists(blocks(), min_size=2, max_size=5))
def test_runs_of_blocks_with_different_lanes(profile, sequence):
    plain = TEXT[:500]  # the first always pays
    check(profile, [(plain, 3, [(SegmentKind.TEXT, 0, len(plain))]), *sequence])


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("profile", PROFILES)
def test_lanes(profile, lanes):
    """So many bytes that the lanes are of different lengths, of one length, of one byte, and empty."""
    for size in 20, lanes - 1, lanes, lanes + 1, 3 * lanes - 1, 3 * lanes, 5000:
        for kind, data in (
            ((SegmentKind.TEXT, 0), (TEXT * 2)[:size]),
            ((SegmentKind.RECORDS, 7), records(7, size)),
            ((SegmentKind.BILEVEL, 4), bytes(size)),
        ):
            if data:
                check(profile, [(data, lanes, [(*kind, size)])] * 2)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("stride", [1, 2, 3, 4, 7, 8, 255, 256, 4096, 65535])
def test_strides(profile, stride):
    data = records(stride, min(3 * stride, 70_000) + 1000)
    for kind in SegmentKind.RECORDS, SegmentKind.BILEVEL:
        check(profile, [(data, lanes, [(kind, stride, len(data))]) for lanes in (1, 3)])


@pytest.mark.parametrize("profile", PROFILES)
def test_coding_is_deterministic_and_an_engine_is_fresh(profile):
    data = words(5000)
    segments = _native.detect(data)
    coded = {ENGINE.engine(profile, 20).encode(data, 2, segments) for _ in range(3)}
    assert len(coded) == 1


@pytest.mark.parametrize("profile", PROFILES)
def test_noise_does_not_pay(profile):
    for size in 1, 2, 100, 100_000:
        assert ENGINE.engine(profile, 16).encode(noise(size), 1, [(SegmentKind.BINARY, 0, size)]) is None


@pytest.mark.parametrize("profile", PROFILES)
def test_truncated_and_damaged_coded_bytes_end(profile):
    """They raise, or decode to something of the right size that no checksum would let pass."""
    data = words(8000)
    segments = _native.detect(data)
    coded = ENGINE.engine(profile, 16).encode(data, 1, segments)

    def check_wrong(wrong: bytes | bytearray) -> bool:
        try:
            restored = ENGINE.engine(profile, 16).decode(wrong, len(data), 1, segments)
        except ValueError:  # it ends too early
            return False
        assert len(restored) == len(data)
        return restored != data

    for size in range(0, len(coded) - 8, 50):
        check_wrong(coded[:size])
    for size in len(coded) // 2, len(coded) - 30:
        assert not check_wrong(coded[:size])
    for position in range(0, len(coded), 101):
        damaged = bytearray(coded)
        damaged[position] ^= 1
        check_wrong(damaged)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("coded", [b"", bytes(2), b"\xff" * 2, noise(2)])
def test_few_coded_bytes_never_take_long(profile, coded):
    """They end where an encoder's would, however large the block is said to be."""
    size = 1 << 28
    start = time.process_time()
    with pytest.raises(ValueError, match="ends too early"):
        ENGINE.engine(profile, 16).decode(coded, size, 1, [(SegmentKind.TEXT, 0, size)])
    assert time.process_time() - start < 60


@pytest.mark.parametrize(
    ("lanes", "segments"),
    [
        (0, [(0, 0, 4)]),
        (1025, [(0, 0, 4)]),
        (1, []),
        (1, [(0, 0, 3)]),
        (1, [(0, 0, 5)]),
        (1, [(7, 0, 4)]),
        (1, [(0, 0, 3), (0, 0, (1 << 64) - 1)]),
    ],
)
def test_what_does_not_fit_is_refused(lanes, segments):
    engine = ENGINE.engine(1, 16)
    with pytest.raises(ValueError, match=r"lanes|segment"):
        engine.encode(b"abcd", lanes, segments)
    with pytest.raises(ValueError, match=r"lanes|segment"):
        engine.decode(b"ab", 4, lanes, segments)


@pytest.mark.parametrize(("profile", "log2"), [(0, 16), (5, 16), (1, 15), (1, 35), (-1, 16)])
def test_engines_that_do_not_exist(profile, log2):
    with pytest.raises(ValueError, match=r"component set|table"):
        ENGINE.engine(profile, log2)


# Detection

HOSTILE = {
    "empty": b"",
    "byte": b"x",
    "zero byte": b"\0",
    "zeros": bytes(300_000),
    "ones": b"\xff" * 300_000,
    "noise": noise(300_000),
    "short noise": noise(100),
    "text": words(300_000),
    "records": records(24, 300_000),
    "long records": records(4097, 300_000),
    "bitmap": bitmap(32, 8000),
    "program": program(300_000),
    "window": words((1 << 17) - 1) + b"\0",
    "windows": words(1 << 17) + noise(1 << 17) + records(12, 1 << 17) + bytes(1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_detection_covers_the_block(name):
    check_detection(HOSTILE[name])


@settings(deadline=None)
@given(plaintexts)
def test_detection_of_anything(plain):
    check_detection(plain)


PLAIN = (SegmentKind.TEXT, SegmentKind.BINARY, SegmentKind.PACKED)  # without a parameter


def check_detection(plain: bytes) -> None:
    segments = _native.detect(plain)
    assert sum(length for _, _, length in segments) == len(plain)
    for kind, parameter, length in segments:
        assert length > 0
        if kind != SegmentKind.SAMPLES:
            assert (parameter > 0) == (SegmentKind(kind) not in PLAIN)
    assert segments == _native.detect(bytearray(plain))


def test_what_is_detected():
    expected = {"text": (0, 0), "records": (2, 24), "bitmap": (3, 32), "program": (4, 2), "noise": (6, 0)}
    for name, kind in expected.items():
        assert [segment[:2] for segment in _native.detect(HOSTILE[name])] == [kind], name


# Easy data


@pytest.mark.slow
@pytest.mark.parametrize("value", [0x00, 0x41, 0xFF])
@pytest.mark.parametrize("level", [1, 3, 5])
def test_two_million_bytes_of_one_value(level, value):
    plain = bytes([value]) * 2_000_000
    parts = LEVELS[level].component_set, table_log2(level, len(plain))
    coded = ENGINE.engine(*parts).encode(plain, 1, _native.detect(plain))
    assert coded is not None
    assert len(coded) <= 40
    if level == 1:
        assert ENGINE.engine(*parts).decode(coded, len(plain), 1, _native.detect(plain)) == plain


@pytest.mark.parametrize("profile", PROFILES)
def test_engine_memory_grows_with_what_it_covers(profile):
    base = ENGINE.memory(profile, 20, 1000, 1)
    assert base >= 1 << 20
    assert base < ENGINE.memory(profile, 21, 1000, 1)
    assert base < ENGINE.memory(profile, 20, 10**7, 1)
    assert base < ENGINE.memory(profile, 20, 1000, 1024)
