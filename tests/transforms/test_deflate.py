"""Deflate streams of encoders at hand: little is kept beside their content, and they are restored."""

from __future__ import annotations

import contextlib
import random
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable

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


def _libdeflate(level: int) -> bytes:
    return bytes(pytest.importorskip("deflate").deflate_compress(DATA, level))


def _zlib_ng(level: int) -> bytes:
    encoder = pytest.importorskip("zlib_ng.zlib_ng").compressobj(level, 8, -15)
    return encoder.compress(DATA) + encoder.flush()


def _isal(level: int) -> bytes:
    encoder = pytest.importorskip("isal.isal_zlib").compressobj(level, 8, -15)
    return encoder.compress(DATA) + encoder.flush()


def _zopfli(level: int) -> bytes:
    return pytest.importorskip("zopfli.zlib").compress(DATA, numiterations=level)[2:-4]


def _by(*command: str) -> bytes:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not here")
    return subprocess.run(command, input=DATA, capture_output=True, check=True).stdout


def _gzip(level: int) -> bytes:
    return _by("gzip", "-nc", f"-{level}")[10:-8]


def _pigz(level: int) -> bytes:
    return _by("pigz", "-nc", f"-{level}")[10:-8]


def _info_zip(level: int) -> bytes:
    packed = _by("zip", "-q", f"-{level}", "-", "-")
    name, extra = struct.unpack("<HH", packed[26:30])
    return packed[30 + name + extra :]


@pytest.mark.parametrize(
    ("encoder", "levels", "most"),
    [
        (_libdeflate, (1, 2, 3, 4, 5, 6, 7, 8, 9), 1),
        (_libdeflate, (10, 12), 12),
        (_zlib_ng, (1, 2, 3, 4, 5, 6, 7, 8), 0.1),
        (_zlib_ng, (9,), 0.6),
        (_isal, (0, 1, 2, 3), None),
        (_zopfli, (5,), 12),
        (_gzip, range(1, 10), 0.1),
        (_pigz, (1, 6, 9), 0.5),
        (_info_zip, range(1, 10), 0.1),
    ],
)
def test_other_encoders_are_predicted(encoder: Callable[[int], bytes], levels, most):
    """``most`` percent of the stream are kept beside its content; None: it may be left alone."""
    for level in levels:
        packed = encoder(level)
        opened = _native.open_deflate(packed, 0, MOST)
        if most is None and opened is None:
            continue
        size, content, residue = opened
        assert content == DATA
        assert _native.close_deflate(content, residue) == packed[:size]
        assert most is None or len(residue) < len(packed) * most / 100 + 30, level


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


def explicit(parse: int, split: int, hashing: int, bits: int, first: int, *numbers: int) -> bytes:
    """A residue without corrections, of parameters that are none of zlib's levels."""
    return bytes([0, parse, split, hashing, bits, first]) + struct.pack("<8H", *numbers)


PINNED = {
    **{f"level {level}": bytes([level]) for level in range(1, 10)},
    **{f"gzip {level}": bytes([9 + level]) for level in range(1, 10)},
    "none": explicit(0, 0, 0, 15, 0, 1, 1, 1, 1, 3, 1, 1, 1000),
    "runs": explicit(1, 0, 0, 15, 0, 1, 1, 1, 1, 3, 1, 1, 1000),
    "filtered": explicit(3, 0, 0, 15, 0, 128, 8, 128, 16, 6, 32506, 4096, 16383),
    "small window": explicit(3, 0, 0, 9, 0, 128, 8, 128, 16, 3, 250, 4096, 255),
    "zlib-ng": explicit(3, 0, 1, 16, 0, 256, 8, 128, 32, 3, 32506, 4096, 16383),
    "zlib-ng 1": explicit(2, 0, 1, 16, 1, 1, 1, 258, 0, 4, 32506, 4096, 16383),
    "zlib-ng 2": explicit(2, 0, 1, 16, 0, 4, 0, 8, 4, 4, 32506, 4096, 16383),
    "zlib-ng 6": explicit(6, 0, 1, 16, 0, 128, 0, 128, 256, 4, 32506, 4096, 16383),
    "libdeflate 1": explicit(2, 0, 3, 15, 1, 2, 32, 32, 258, 4, 32767, 4096, 20000),
    "libdeflate 4": explicit(2, 0, 2, 16, 1, 16, 32, 30, 258, 4, 32767, 4096, 20000),
    "libdeflate 6": explicit(4, 0, 2, 16, 1, 35, 32, 65, 258, 3, 32767, 8192, 20000),
    "libdeflate 9": explicit(5, 0, 2, 16, 1, 600, 32, 258, 258, 3, 32767, 8192, 20000),
    "gain, 3 bytes": explicit(5, 1, 0, 16, 1, 600, 32, 258, 258, 3, 32768, 32768, 0),
}

# Numbers that stand for some of these.
PRESETS = {25: "zlib-ng", 28: "zlib-ng 1", 29: "zlib-ng 2", 33: "zlib-ng 6"}

SUMS = {
    "level 1": 0x42012297,
    "level 2": 0x758DA4EB,
    "level 3": 0x50193049,
    "level 4": 0xB6613BB7,
    "level 5": 0x38A60F6C,
    "level 6": 0xD855E339,
    "level 7": 0x39BC56EA,
    "level 8": 0x998686D3,
    "level 9": 0xB9D566D0,
    "gzip 1": 0xC708A2BB,
    "gzip 2": 0x758DA4EB,
    "gzip 3": 0x50193049,
    "gzip 4": 0xB6613BB7,
    "gzip 5": 0x38A60F6C,
    "gzip 6": 0xD855E339,
    "gzip 7": 0x39BC56EA,
    "gzip 8": 0x998686D3,
    "gzip 9": 0xB9D566D0,
    "none": 0xE74667FA,
    "runs": 0x3028DD36,
    "filtered": 0x18891996,
    "small window": 0x80FF4FEB,
    "zlib-ng": 0x3642EDF2,
    "zlib-ng 1": 0x22577A76,
    "zlib-ng 2": 0xC25726C9,
    "zlib-ng 6": 0x8ACAA392,
    "libdeflate 1": 0x429C622C,
    "libdeflate 4": 0xF57D210D,
    "libdeflate 6": 0x5FFB04B4,
    "libdeflate 9": 0x5934290F,
    "gain, 3 bytes": 0x830C5312,
}


@pytest.mark.parametrize("number", PRESETS)
def test_numbers_stand_for_parameters(number):
    content = b"".join((words(40_000), program(30_000), records(24, 30_000)))
    packed = _native.close_deflate(content, bytes([number, 0, 0]))
    assert packed == _native.close_deflate(content, PINNED[PRESETS[number]] + bytes(2))
    assert residue_of(packed, content)[0] == number


def test_what_is_predicted_never_changes():
    content = b"".join((words(40_000), program(30_000), bytes(900), records(24, 30_000), noise(999)))
    made = {name: _native.close_deflate(content, residue + bytes(2)) for name, residue in PINNED.items()}
    for packed in made.values():
        assert zlib.decompress(packed, -15) == content
    sums = {name: zlib.crc32(packed) for name, packed in made.items()}
    assert sums == SUMS
