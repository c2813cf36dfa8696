"""JPEG files of all kinds become headers and coded coefficients, and are put back bit for bit."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.pictures import jpeg, picture
from support.samples import PORTRAIT, PROGRESSIVE, noise

from nzip import _native

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
LARGE = picture(240, 160)


def opened(file: bytes) -> int | None:
    """How many bytes the file becomes, which is put back; None: it is left alone."""
    found = _native.open_jpeg(file, 0)
    if found is None:
        return None
    size, header, coded = found
    assert _native.close_jpeg(header, coded) == file[:size]
    return len(header) + len(coded)


def segments(file: bytes) -> list[tuple[int, int, int]]:
    """Marker, start and end of the segments up to the first scan."""
    found, at = [], 2
    while not found or found[-1][0] != 0xDA:
        end = at + 2 + int.from_bytes(file[at + 2 : at + 4], "big")
        found.append((file[at + 1], at, end))
        at = end
    return found


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0", "4:1:1"])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (8, 8), (16, 16), (17, 15), (33, 50), (100, 3)])
def test_sizes_and_samplings(size, sampling, progressive):
    file = jpeg(picture(*size), subsampling=sampling, progressive=progressive)
    assert opened(file) is not None


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_modes(mode, optimize, progressive):
    file = jpeg(picture(90, 70, mode), optimize=optimize, progressive=progressive)
    assert opened(file) is not None


@pytest.mark.parametrize("quality", [1, 2, 10, 30, 50, 75, 90, 95, 99, 100])
def test_qualities(quality):
    for progressive in False, True:
        file = jpeg(LARGE, quality=quality, progressive=progressive)
        assert opened(file) < (1.0 if quality < 10 else 0.95) * len(file)


@pytest.mark.parametrize(
    "markers", [{"restart_marker_blocks": 1}, {"restart_marker_blocks": 7}, {"restart_marker_rows": 1}]
)
def test_restart_markers(markers):
    for progressive in False, True:
        assert opened(jpeg(LARGE, progressive=progressive, **markers)) is not None


def test_photographs_become_smaller():
    assert opened(PORTRAIT) < 0.93 * len(PORTRAIT)
    assert opened(PROGRESSIVE) < 0.91 * len(PROGRESSIVE)


def test_coded_bytes_stay_what_they_are():
    made = hashlib.sha256()
    for file in PORTRAIT, PROGRESSIVE:
        made.update(_native.open_jpeg(file, 0)[2])
    assert made.hexdigest() == "4304f4db6cc3a6999c1b546cb43c14bc95c3f8f0b9000891a8f5b72ce2578a09"


def test_a_file_ends_where_it_ends():
    for behind in b"", b"\0", noise(500), SOI, PORTRAIT:
        size, header, coded = _native.open_jpeg(b"before" + PORTRAIT + behind, 6)
        assert size == len(PORTRAIT)
        assert _native.close_jpeg(header, coded) == PORTRAIT


def test_bytes_behind_a_scan_are_kept():
    for tail in b"\0\0\0", b"\xff\xd0", noise(50).replace(b"\xff", b""):
        file = PROGRESSIVE[:-2] + tail + EOI
        assert opened(file) is not None
        assert _native.open_jpeg(file, 0)[0] == len(file)


def test_frames_without_huffman_tables_have_the_standard_ones():
    file = jpeg(LARGE)
    for marker, start, end in reversed(segments(file)):
        if marker == 0xC4:
            file = file[:start] + file[end:]
    assert opened(file) is not None


def test_bytes_may_be_filled_up_with_zeros():
    found = 0
    for seed in range(8):
        file = jpeg(picture(16, 16, seed=seed))
        for bits in range(1, 8):
            zeroed = file[:-3] + bytes([file[-3] & ~((1 << bits) - 1)]) + EOI
            if opened(zeroed) is not None and zeroed != file:
                found += _native.open_jpeg(zeroed, 0)[2][0] & 1
    assert found


def test_what_is_in_headers_does_not_matter():
    exif = b"Exif\0\0" + noise(300) + PORTRAIT + noise(300)
    assert opened(jpeg(LARGE, exif=exif, comment=EOI + SOI)) is not None


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF])
def test_other_processes_are_left_alone(marker):
    file = bytearray(PORTRAIT)
    (start,) = [start for found, start, _ in segments(PORTRAIT) if found == 0xC0]
    file[start + 1] = marker
    assert opened(bytes(file)) is None


def test_12_bits_are_left_alone():
    file = bytearray(PORTRAIT)
    (start,) = [start for found, start, _ in segments(PORTRAIT) if found == 0xC0]
    file[start + 4] = 12
    assert opened(bytes(file)) is None


def test_what_is_cut_is_left_alone():
    for file in PORTRAIT, PROGRESSIVE:
        for size in range(len(file)):
            assert _native.open_jpeg(file[:size], 0) is None
    for size in range(segments(PORTRAIT)[-1][2], len(PORTRAIT) - 2):
        assert opened(PORTRAIT[:size] + EOI) is None
    for size in range(segments(PROGRESSIVE)[-1][2], len(PROGRESSIVE) - 2):
        opened(PROGRESSIVE[:size] + EOI)  # scans that are there may be whole


def test_large_claims_take_no_memory():
    for file in PORTRAIT, PROGRESSIVE:
        _, header, coded = _native.open_jpeg(file, 0)
        (start,) = [start for found, start, _ in segments(file) if found in (0xC0, 0xC2)]
        for many in b"\xff\xff\xff\xff", b"\x20\x00\x20\x00":
            assert _native.open_jpeg(file[: start + 5] + many + file[start + 9 :], 0) is None
            with pytest.raises(ValueError, match="too large"):
                _native.close_jpeg(header[: start + 5] + many + header[start + 9 :], coded)
        with pytest.raises(ValueError, match="too large"):
            _native.close_jpeg(header, coded[:1] + b"\xff\xff\xff\x7f" + coded[3:])


MUTATIONS = st.lists(
    st.tuples(st.integers(0, 1 << 16), st.integers(0, 255), st.sampled_from(["set", "cut", "insert"])),
    min_size=1,
    max_size=4,
)


def mutated(data: bytes, mutations: list[tuple[int, int, str]]) -> bytes:
    changed = bytearray(data)
    for place, value, how in mutations:
        place %= len(changed)
        if how == "insert":
            changed.insert(place, value)
        elif how == "set" or len(changed) < 2:
            changed[place] = value
        else:
            del changed[place]
    return bytes(changed)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([PORTRAIT, PROGRESSIVE]), MUTATIONS)
def test_damaged_files_are_put_back_or_left_alone(file, mutations):
    opened(mutated(file, mutations))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([PORTRAIT, PROGRESSIVE]), MUTATIONS, st.booleans())
def test_forged_pieces_are_refused_or_make_something(file, mutations, in_header):
    _, header, coded = _native.open_jpeg(file, 0)
    with contextlib.suppress(ValueError):
        if in_header:
            _native.close_jpeg(mutated(header, mutations), coded)
        else:
            _native.close_jpeg(header, mutated(coded, mutations))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=400), st.binary(max_size=100))
def test_noise_is_refused(header, coded):
    assert _native.open_jpeg(header, 0) is None
    with pytest.raises(ValueError, match=r"."):
        _native.close_jpeg(header, coded)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.sampled_from(["L", "RGB", "CMYK"]),
    st.integers(1, 100),
    st.sampled_from(["4:4:4", "4:2:2", "4:2:0"]),
    st.booleans(),
    st.integers(0, 9),
)
def test_whatever_pillow_makes_is_put_back(width, height, mode, quality, sampling, progressive, restart):
    file = jpeg(
        picture(width, height, mode, seed=width),
        quality=quality,
        subsampling=sampling,
        progressive=progressive,
        restart_marker_blocks=restart,
    )
    assert opened(file) is not None


def test_files_are_found():
    data = noise(9) + PORTRAIT + b"\xff\xd8\xff" + noise(50) + PROGRESSIVE + PROGRESSIVE[:-2]
    assert _native.find_jpeg_files(data) == [9, 9 + len(PORTRAIT) + 53]
    inner = SOI + b"\xff\xe1" + (2 + len(PORTRAIT)).to_bytes(2, "big") + PORTRAIT + PROGRESSIVE[2:]
    assert _native.find_jpeg_files(inner) == [0, 6]
    assert _native.find_jpeg_files(b"") == []


def test_files_in_files_take_no_time():
    link = b"\xff\xe0\0\x04\xff\xd8"  # a segment, or the begin of a file and of a segment
    chain = SOI + link * 100_000
    assert len(_native.find_jpeg_files(chain + EOI)) <= 1
    assert len(_native.find_jpeg_files(chain + PORTRAIT[2:])) <= 1


def test_work_is_stopped():
    stop = _native.Stop()
    stop.set()
    _, header, coded = _native.open_jpeg(PORTRAIT, 0)
    with pytest.raises(_native.StoppedError):
        _native.open_jpeg(PORTRAIT, 0, stop)
    with pytest.raises(_native.StoppedError):
        _native.close_jpeg(header, coded, stop)
