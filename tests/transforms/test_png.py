"""PNG pictures inside blocks: that their pixels are found, and the files restored bit for bit."""

from __future__ import annotations

import contextlib
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import noise, wave, words
from support.unpacked import formats, opened

import nzip
from nzip import _native
from nzip.format.registry import PackedFormatId, SegmentKind
from nzip.transforms.unpack.png import SIGNATURE, Png

PNG = Png()
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(name: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(name + data)
    return len(data).to_bytes(4, "big") + name + data + crc.to_bytes(4, "big")


def header(width: int, height: int, depth: int, colours: int, interlaced: int = 0) -> bytes:
    sizes = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return SIGNATURE + chunk(b"IHDR", sizes + bytes([depth, colours, 0, 0, interlaced]))


def picture(
    width: int = 60,
    height: int = 40,
    depth: int = 8,
    colours: int = 2,
    cut: int = 1 << 20,
    interlaced: int = 0,
    pixels: bytes | None = None,
) -> bytes:
    """With all filters, in chunks of so many bytes."""
    channels = CHANNELS[colours]
    row = (width * channels * depth + 7) // 8
    pixels = pixels or wave(row * height)
    filters = bytes(number % 5 for number in range(height))
    packed = zlib.compress(_native.filter_png(filters, pixels, max(1, channels * depth // 8)), 9)
    chunks = b"".join(chunk(b"IDAT", packed[at : at + cut]) for at in range(0, len(packed), cut))
    end = chunk(b"IEND", b"")
    return header(width, height, depth, colours, interlaced) + chunk(b"sBIT", b"\x08") + chunks + end


@pytest.mark.parametrize(
    ("colours", "depth", "kind"),
    [
        *((colours, 8, SegmentKind.SAMPLES) for colours in CHANNELS),
        *((colours, 16, SegmentKind.SAMPLES) for colours in (0, 2, 4, 6)),
        (0, 1, SegmentKind.BILEVEL),
        (3, 1, SegmentKind.BILEVEL),
        (3, 4, SegmentKind.RECORDS),
    ],
)
def test_pixels_are_what_is_coded(colours, depth, kind):
    data = noise(33) + picture(depth=depth, colours=colours) + noise(9)
    found = opened(data)
    assert formats(found) == [PackedFormatId.PNG]
    coded = nzip.compress(data, level=3)
    assert nzip.decompress(coded) == data
    (stream,) = found.streams
    assert [node.hint.kind for node in stream.contents] == [SegmentKind.BINARY, kind]


@pytest.mark.parametrize("cut", [1 << 20, 1000, 512, 37])
def test_chunks_of_any_size_are_restored(cut):
    assert formats(opened(picture(cut=cut))) == [PackedFormatId.PNG] or cut == 37


def test_chunks_of_different_sizes_are_restored():
    data = picture(cut=700)
    at = data.index(b"IDAT") - 4
    small = chunk(b"IDAT", b"") + chunk(b"IDAT", data[at + 8 : at + 8 + 300])
    data = data[:at] + small + chunk(b"IDAT", data[at + 308 : at + 708]) + data[at + 712 :]
    assert formats(opened(data)) == [PackedFormatId.PNG]


@pytest.mark.parametrize(
    "data",
    [
        picture(interlaced=1),
        picture()[:-100],
        picture().replace(b"IDAT", b"iDAT"),
        SIGNATURE,
        SIGNATURE + bytes(100),
        header(10, 10, 8, 2),
        header(10, 10, 8, 2) + chunk(b"IDAT", b"") + chunk(b"IDAT", b"xy"),
        header(10, 10, 8, 2) + chunk(b"IDAT", zlib.compress(words(3000))),
        header(0, 10, 8, 2) + chunk(b"IDAT", zlib.compress(words(3000))),
        header(10, 10, 3, 9) + chunk(b"IDAT", zlib.compress(words(3000))),
    ],
)
def test_what_is_no_picture_of_rows_is_left_to_other_formats(data):
    assert PackedFormatId.PNG not in formats(opened(data))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.integers(1, 40), st.integers(1, 9))
def test_rows_are_restored_or_refused(rows, row, pixel):
    found = _native.unfilter_png(rows, row, pixel)
    if found is not None and rows:
        assert _native.filter_png(*found, pixel) == rows


@pytest.mark.parametrize(
    ("contents", "residue"),
    [
        ([b"", b""], b"\x78\x9c\x01\x00\x00\x06"),
        ([b"\x00", b"abc"], b"\x78\x9c\x00\x00\x00\x06"),
        ([b"\x05", b"abc"], b"\x78\x9c\x01\x00\x00\x06"),
        ([b"\x00\x00", b"abc"], b"\x78\x9c\x01\x00\x00\x06"),
        ([b"\x00", b"abc"], b"\x78\x9c\x01\x00\x01"),
        ([b"\x00", b"abc"], b"\x78"),
        ([b"\x00", b"abc"], b"\x78\x9c\x01\x00\x01\xff\x7f\x06"),
    ],
)
def test_a_forged_picture_is_refused(contents, residue):
    with pytest.raises(ValueError, match=r"."):
        PNG.close(contents, residue, None)


def test_chunks_are_not_without_number():
    rows = bytes(100), noise(100_000)
    with pytest.raises(ValueError, match="too many chunks"):
        PNG.close(rows, b"\x78\x9c\x01\x01\x00\x06", None)


def test_files_of_signatures_take_no_time():
    begin = time.thread_time()
    assert not list(PNG.find((SIGNATURE + bytes(4)) * 10_000, None))
    assert time.thread_time() - begin < 10  # it took minutes


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=9), st.binary(max_size=40), st.binary(max_size=30))
def test_no_residue_does_harm(filters, pixels, residue):
    with contextlib.suppress(ValueError):
        assert len(PNG.close([filters, pixels], residue, None)) < 20_000
