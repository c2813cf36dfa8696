"""GIF pictures become pixels, and are packed again bit for bit."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.pictures import picture
from support.samples import noise, words
from support.unpacked import opened

import nzip
from nzip import _native
from nzip.format.registry import PackedFormatId, SegmentKind
from nzip.transforms.contract import Hint
from nzip.transforms.unpack.formats import format_of

MOST = 1 << 24


def gif(image: Image.Image, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, "GIF", **options)
    return out.getvalue()


def coloured(width: int, height: int, colours: int, seed: int = 0) -> Image.Image:
    return picture(width, height, seed=seed).quantize(colours)


def packed(codes: list[int], sizes: list[int], least: int = 2, block: int = 255) -> bytes:
    """Data of a picture: codes of these sizes in bits."""
    number, at = 0, 0
    for code, size in zip(codes, sizes, strict=True):
        number |= code << at
        at += size
    data = number.to_bytes((at + 7) // 8, "little")
    blocks = [data[start : start + block] for start in range(0, len(data), block)]
    return bytes([least]) + b"".join(bytes([len(each)]) + each for each in blocks) + b"\0"


def restored(data: bytes) -> tuple[bytes, bytes] | None:
    """Pixels and residue of the data of a picture, which are packed again."""
    found = _native.open_gif(data, 0, MOST)
    if found is None:
        return None
    size, pixels, residue = found
    assert _native.close_gif(pixels, residue) == data[:size]
    return pixels, residue


def streams(data: bytes) -> list[tuple[int, Hint | None]]:
    """Format and hint of all streams in the data, which are restored."""
    if (found := opened(data)) is None:
        return []
    return [(stream.format, stream.contents[0].hint) for node in found.nodes() for stream in node.streams]


@pytest.mark.parametrize("interlace", [0, 1])
@pytest.mark.parametrize("colours", [2, 3, 16, 200, 256])
def test_pictures_of_so_many_colours(colours, interlace):
    data = gif(coloured(150, 100, colours), interlace=interlace)
    assert streams(data) == [(PackedFormatId.GIF, Hint(SegmentKind.SAMPLES, 150 << 9))]
    assert len(nzip.compress(data, level=3, model="none")) < 0.85 * len(data)


def test_films_are_opened_picture_by_picture():
    frames = [coloured(80, 60, 60, seed) for seed in range(4)]
    data = noise(50) + gif(frames[0], save_all=True, append_images=frames[1:], comment=b"GIF89a") + noise(50)
    assert [number for number, _ in streams(data)] == [PackedFormatId.GIF] * 4


def test_pixels_are_what_the_picture_has():
    data = gif(coloured(90, 70, 100), interlace=0)
    found = opened(data)
    (content,) = found.streams[0].contents
    assert bytes(content.outside) == Image.open(io.BytesIO(data)).tobytes()


def test_long_runs_and_full_tables():
    for image in Image.new("P", (700, 700)), coloured(400, 300, 256):
        data = gif(image)
        (start,) = format_of(PackedFormatId.GIF).find(data, None)
        pixels, _ = restored(data[start:])
        assert len(pixels) == image.width * image.height


def test_encoders_with_other_habits():
    clear, end = 4, 5
    for codes, sizes in (
        ([clear, 0, 1, 2, 3, end], [3, 3, 3, 3, 4, 4]),
        ([0, 1, 2, 3, end], [3, 3, 3, 4, 4]),
        ([clear, 0, 1, 2], [3] * 4),
        ([clear, 0, clear, clear, 1, clear, end], [3] * 7),
        ([clear, 0, 6, end], [3, 3, 3, 3]),
        ([end], [3]),
        ([], []),
    ):
        for block in 1, 2, 255:
            data = packed(codes, sizes, block=block)
            assert restored(data) is not None
            if end in codes:
                assert restored(data[:-1] + b"\3abc\0" + noise(9)) is not None


def test_codes_that_are_not_the_longest_are_left_alone():
    assert restored(packed([4, 0, 0, 0, 5], [3, 3, 3, 3, 4])) is None
    assert restored(packed([4, 0, 6, 5], [3, 3, 3, 3])) is not None


def test_what_is_no_picture_is_left_alone():
    data = packed([4, 0, 1, 2, 3, 5], [3, 3, 3, 3, 4, 4])
    for size in range(len(data)):
        assert restored(data[:size]) is None
    for other in b"\0" + data[1:], b"\x09" + data[1:], packed([7], [3]), packed([4, 6], [3, 3]):
        assert restored(other) is None
    large = _native.open_gif(gif(Image.new("P", (500, 500))), 0, MOST)
    assert large is None  # it begins with the file's header


def test_there_are_at_most_so_many_pixels():
    data = packed([4, 0, 6, 7, 5], [3, 3, 3, 3, 4])
    assert len(restored(data)[0]) == 6
    assert _native.open_gif(data, 0, 6) is not None
    assert _native.open_gif(data, 0, 5) is None


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60))
def test_noise_is_left_alone_or_restored(data):
    restored(data)
    for block in range(1, 9):
        restored(bytes([block, len(data)]) + data + b"\0")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=30))
def test_forged_residues_are_refused_or_make_something(pixels, residue):
    with contextlib.suppress(ValueError):
        assert len(_native.close_gif(pixels, residue)) <= 8 * len(pixels) + 2 * len(residue) + 64


def test_forged_residues_take_no_memory():
    many = b"\xff\xff\xff\x7f"
    for residue in (
        b"\x12" + many + b"\0\0\0",
        b"\x12\0" + many + b"\1\0",
        b"\x12" + many,
        b"\x99",
        b"\x10",
        b"",
    ):
        with pytest.raises(ValueError, match=r"."):
            _native.close_gif(b"\1\2\3\0", residue)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(2, 256), st.integers(0, 3))
def test_whatever_pillow_makes_is_restored(width, height, colours, seed):
    streams(gif(coloured(width, height, colours, seed)) + words(100))


def test_work_is_stopped():
    stop = _native.Stop()
    stop.set()
    pixels = noise(40_000)
    with pytest.raises(_native.StoppedError):
        _native.close_gif(pixels, b"\x18\0\0", stop)


def test_pictures_of_too_many_pixels_stay_as_they_are(monkeypatch):
    data = gif(coloured(60, 60, 16)) + words(100)
    assert streams(data)
    monkeypatch.setattr("nzip.transforms.unpack.gif._MOST", 3000)
    assert not streams(data)
    with pytest.raises(ValueError, match="too many pixels"):
        format_of(PackedFormatId.GIF).close([noise(3001)], b"\x18\0\0", None)
