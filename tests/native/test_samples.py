"""Arrays of numbers: what is detected, that everything is restored, and what it is worth."""

from __future__ import annotations

import io
import itertools
import math
import os
import random
import struct
import subprocess
import sys
import wave

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import TESTS
from support.engines import ENGINE
from support.samples import noise

import nzip
from nzip import _native
from nzip.format.registry import SegmentKind

PROFILES = (1, 2, 3, 4)
LEVELS = (1, 2, 3)  # of component sets 1 to 3

UNSIGNED, SIGNED, FLOAT = range(3)


def layout(width: int, big_endian=False, numbers=UNSIGNED, channels=1, row=0) -> int:
    """The parameter of a segment."""
    return (width.bit_length() - 1) | big_endian << 2 | numbers << 3 | (channels - 1) << 5 | row << 9


def surface(rows: int, columns: int, scale: float, offset: float = 0, seed: int = 1) -> list[float]:
    """Something like a picture: slopes, an edge, noise; the same on every machine."""
    dust = random.Random(seed)
    return [
        offset
        + scale * (math.sin(x / 17) + math.cos(y / 11) * 0.7 + ((x - 40) ** 2 + y * y < 2500) * 0.5)
        + dust.random() * scale / 12
        for y in range(rows)
        for x in range(columns)
    ]


def tones(count: int, scale: float, offset: float = 0) -> list[float]:
    dust = random.Random(2)
    return [
        offset + scale * (math.sin(t / 9) + math.sin(t / 31.7) + dust.random() / 40) for t in range(count)
    ]


def pack(kind: str, values) -> bytes:
    values = list(values)
    return struct.pack(
        kind[0] + str(len(values)) + kind[1], *(values if kind[1] in "fd" else map(int, values))
    )


def wav(width: int, channels: int) -> bytes:
    middle, loudness = (128, 40) if width == 1 else (0, 9000)
    ears = [tones(9000, loudness / (ear + 1), middle + 20 * ear) for ear in range(channels)]
    values = [ear[t] for t in range(9000) for ear in ears]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(44100)
        out.writeframes(pack("<B" if width == 1 else "<h", values))
    return file.getvalue()


def pixels(rows: int, columns: int, channels: int, padding: int = 0) -> bytes:
    grey = surface(rows, columns, 40, 110)
    lines = (grey[y * columns : (y + 1) * columns] for y in range(rows))
    return b"".join(
        bytes(min(255, max(0, int(v + 9 * c))) for v in line for c in range(channels)) + bytes(padding)
        for line in lines
    )


def bmp(rows: int, columns: int) -> bytes:
    data = pixels(rows, columns, 3, -columns * 3 % 4)
    header = struct.pack(
        "<2sIIIIiiHHIIiiII", b"BM", 54 + len(data), 0, 54, 40, columns, rows, 1, 24, 0, len(data), 0, 0, 0, 0
    )
    return header + data


def npy(descr: str, values: bytes, shape: str) -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header = header.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values


def fits(bits: int, columns: int, rows: int, data: bytes) -> bytes:
    cards = {"SIMPLE": "T", "BITPIX": bits, "NAXIS": 2, "NAXIS1": columns, "NAXIS2": rows}
    header = "".join(f"{name:8}= {value:>20}".ljust(80) for name, value in cards.items()) + "END"
    return header.ljust(2880).encode() + data


def bfloat16(count: int) -> bytes:
    """Weights of a network: normally distributed, rounded to 16 bits."""
    dice = random.Random(3)
    return b"".join(struct.pack("<f", dice.gauss(0, 0.04))[2:] for _ in range(count))


# Each file, and the layout that is to be found in it.
FILES = {
    "wav8": (wav(1, 1), layout(1)),
    "wav8 stereo": (wav(1, 2), layout(1, channels=2)),
    "wav16": (wav(2, 1), layout(2, numbers=SIGNED)),
    "wav16 stereo": (wav(2, 2), layout(2, numbers=SIGNED, channels=2)),
    "bmp": (bmp(70, 101), layout(1, channels=3, row=304)),
    "pgm": (b"P5\n# comment\n120 90\n255\n" + pixels(90, 120, 1), layout(1, row=120)),
    "ppm": (b"P6 110 70 255\n" + pixels(70, 110, 3), layout(1, channels=3, row=330)),
    "pgm16": (b"P5\n97 100\n4095\n" + pack(">H", surface(100, 97, 600, 1500)), layout(2, True, row=194)),
    "tga": (
        struct.pack("<BBB5xHHHHBB", 0, 0, 2, 0, 0, 90, 80, 32, 8) + pixels(80, 90, 4),
        layout(1, channels=4, row=360),
    ),
    "raster16": (pack("<H", surface(140, 128, 600, 1500)), layout(2, row=256)),
    "npy int16": (
        npy("<i2", pack("<h", surface(120, 100, 900)), "(120, 100)"),
        layout(2, numbers=SIGNED, row=200),
    ),
    "npy int32": (npy("<i4", pack("<i", tones(6000, 1e6)), "(6000,)"), layout(4, numbers=SIGNED)),
    "npy float32": (npy("<f4", pack("<f", tones(6000, 1.5)), "(6000,)"), layout(4, numbers=FLOAT)),
    "npy float64": (npy("<f8", pack("<d", tones(3000, 1.5)), "(3000,)"), layout(8, numbers=FLOAT)),
    "fits int16": (fits(16, 96, 96, pack(">h", surface(96, 96, 700, 900))), layout(2, True, SIGNED, row=192)),
    "fits float32": (fits(-32, 64, 64, pack(">f", surface(64, 64, 3, 9))), layout(4, True, FLOAT, row=256)),
}  # fmt: skip
BF16 = bfloat16(10_000)


def round_trip(profile: int, plain: bytes, lanes: int, segments) -> int:
    coded = ENGINE.engine(profile, 18).encode(plain, lanes, segments)
    if coded is None:
        return len(plain)
    assert ENGINE.engine(profile, 18).decode(coded, len(plain), lanes, segments) == plain
    return len(coded)


@pytest.mark.parametrize("name", FILES)
def test_layouts_are_found(name):
    plain, parameter = FILES[name]
    found = [segment[1] for segment in _native.detect(plain) if segment[0] == SegmentKind.SAMPLES]
    assert found == [parameter]


@pytest.mark.parametrize("lanes", [1, 3])
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", FILES)
def test_files_are_restored(name, profile, lanes):
    plain = FILES[name][0][:8000]
    round_trip(profile, plain, lanes, _native.detect(plain))


@pytest.mark.parametrize("name", FILES)
def test_numbers_are_worth_their_kind(name):
    plain = FILES[name][0]
    assert round_trip(4, plain, 1, _native.detect(plain)) < round_trip(4, plain, 1, [(1, 0, len(plain))])


@pytest.mark.parametrize("lanes", [1, 3])
@pytest.mark.parametrize("level", LEVELS)
def test_levels(level, lanes):
    plain = FILES["wav16 stereo"][0][:20_001] + FILES["bmp"][0][:15_000] + BF16[:5001]
    packed = nzip.compress(plain, level=level, lanes=lanes, model="none", prime="none")
    assert nzip.decompress(packed) == plain
    if level == 5:
        assert len(packed) < 0.8 * len(plain)


@pytest.mark.parametrize("lanes", [1, 3])
@pytest.mark.parametrize(
    ("width", "channels", "row"), [(1, 3, 602), (1, 1, 24), (2, 1, 49), (2, 4, 194), (1, 4, 97), (2, 2, 4096)]
)
def test_windows_of_any_picture(width, channels, row, lanes):
    plain = pack("<B", surface(40, 100, 40, 100)) if width == 1 else pack("<H", surface(40, 100, 60, 20_000))
    parameter = layout(width, channels=channels, row=row)
    round_trip(
        4, plain, lanes, [(SegmentKind.BINARY, 0, 11), (SegmentKind.SAMPLES, parameter, len(plain) - 11)]
    )


def test_pictures_are_predicted_from_around():
    """Each quarter has a texture of its own, which numbers of long ago say nothing of."""
    dust = random.Random(3)
    rows = [[0.0] * 96 for _ in range(96)]
    for y in range(1, 96):
        for x in range(1, 95):
            west, north, other = rows[y][x - 1], rows[y - 1][x], rows[y - 1][x + (1 if x < 48 else -1)]
            rows[y][x] = (0.9 * other if y < 48 else 0.9 * west if x < 48 else 0.9 * north) + dust.gauss(
                0, 12
            )
    plain = bytes(min(255, max(0, round(128 + v))) for row in rows for v in row)
    assert round_trip(4, plain, 1, [(SegmentKind.SAMPLES, layout(1, row=96), len(plain))]) < 6760


def test_sound_that_repeats_is_predicted_from_far():
    dust = random.Random(4)
    period = [dust.uniform(-8000, 8000) for _ in range(61)]
    plain = pack("<h", (period[t % 61] * 0.9998**t + dust.random() for t in range(6000)))
    assert round_trip(4, plain, 1, [(SegmentKind.SAMPLES, layout(2, numbers=SIGNED), len(plain))]) < 5000


def test_bfloat16_weights():
    assert round_trip(4, BF16, 1, _native.detect(BF16)) < 0.72 * len(BF16)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("row", [0, 1, 3, 7, 255, 4096, (1 << 23) - 1])
def test_any_layout_codes_any_bytes(profile, row):
    plain = noise(300) + FILES["bmp"][0][:1500] + bytes(100) + b"\xff" * 77
    for number, (width, numbers) in enumerate(itertools.product((1, 2, 4, 8), range(4))):
        channels = (1, 2, 3, 16)[(number + number // 4 + row) % 4]
        parameter = layout(width, row % 3 == 0, numbers, channels, row)
        size = 400 + 97 * channels
        round_trip(profile, plain[:size], 1 + channels % 3, [(SegmentKind.SAMPLES, parameter, size)])


PROGRAM = """
import hashlib
from nzip import _native
from test_samples import FILES
digest = hashlib.sha256()
for name in "wav16 stereo", "bmp", "npy float32", "npy float64", "raster16":
    plain = FILES[name][0][:12_000]
    digest.update(_native.engines()[-1].engine(4, 18).encode(plain, 2, _native.detect(plain)))
print(digest.hexdigest())
"""


def test_floating_point_gives_the_same_bits_in_every_variant():
    digests = set()
    for variant in "scalar", "avx2", "avx512", "neon":
        result = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            cwd=os.path.dirname(
                __file__
            ),  # where this file is found, and the installed package before the checkout's
            env={**os.environ, "NZIP_SIMD": variant, "PYTHONPATH": str(TESTS)},
            capture_output=True,
            text=True,
            check=False,
        )
        if "is not available" not in result.stderr:
            assert result.returncode == 0, result.stderr
            digests.add(result.stdout)
    assert len(digests) == 1


@settings(deadline=None, max_examples=60)
@given(
    data=st.lists(st.tuples(st.binary(max_size=300), st.integers(0, (1 << 32) - 1)), min_size=1, max_size=5),
    lanes=st.sampled_from([1, 2, 3, 7, 64]),
)
def test_any_parameters(data, lanes):
    parts = [(part, parameter) for part, parameter in data if part]
    if parts:
        plain = b"".join(part for part, _ in parts) + FILES["npy float32"][0][:700]
        segments = [(SegmentKind.SAMPLES, parameter, len(part)) for part, parameter in parts]
        round_trip(4, plain, lanes, [*segments, (SegmentKind.SAMPLES, layout(4, numbers=FLOAT), 700)])


def test_special_floats():
    """Infinities, numbers that are none, denormal and huge ones, with every payload kept."""
    bits = [0, 1, 1 << 31, 0x7F800000, 0xFF800000, 0x7FC00001, 0xFFFFFFFF, 0x7F7FFFFF, 0x00400000, 0x3F800000]
    for width, kind in (4, "I"), (8, "Q"):
        values = [bits[byte % 10] << 8 * (width - 4) | byte // 128 for byte in noise(1000)]
        for order, big_endian in ("<", False), (">", True):
            plain = pack(order + kind, values) + bytes(500)
            for channels, row in (1, 0), (2, 0), (1, 25 * width), (3, 60 * width):
                parameter = layout(width, big_endian, FLOAT, channels, row)
                round_trip(4, plain, 1, [(SegmentKind.SAMPLES, parameter, len(plain))])


LIES = {
    "bmp of no width": FILES["bmp"][0][:18] + bytes(4) + FILES["bmp"][0][22:],
    "bmp of the largest width": FILES["bmp"][0][:18] + b"\xff" * 4 + FILES["bmp"][0][22:],
    "bmp that begins behind its end": FILES["bmp"][0][:10] + b"\xff" * 4 + FILES["bmp"][0][14:],
    "wav of many channels": FILES["wav16"][0][:22] + b"\xff\xff" + FILES["wav16"][0][24:],
    "wav whose chunks are endless": FILES["wav16"][0][:16] + b"\xf8\xff\xff\xff" + FILES["wav16"][0][20:],
    "wav whose chunks are empty": b"RIFFabcdWAVE" + b"fmt \0\0\0\0" * 20_000,
    "pgm of endless size": b"P5 " + b"9" * 40 + b" 9999999999999999999999 255\n" + FILES["pgm"][0][24:],
    "pgm of nothing": b"P5" + b" " * 5000,
    "pgm of comments": b"P5\n" + b"#\n" * 5000,
    "ppm that is a pgm": b"P6" + FILES["pgm"][0][2:],
    "npy without an end": b"\x93NUMPY\x01\x00\xff\xff{'descr': '<f4', 'shape': (" + b"1, " * 3000,
    "npy of strings": npy("<U9", FILES["raster16"][0], "(9,)"),
    "npy of many dimensions": npy("<i2", FILES["raster16"][0], "(" + "9," * 30 + ")"),
    "npy cut in its type": b"\x93NUMPY\x01\x00\x76\x00{'shape': (9), 'descr': '",
    "fits of endless rows": fits(16, 10**12, 1, FILES["raster16"][0]),
    "fits without an end": b"SIMPLE  =".ljust(80) * 200,
    "fits of odd numbers": fits(-7, 3, 3, FILES["raster16"][0]),
    "dicom of no columns": b"\x08\0\5\0" + bytes(200) + b"\xe0\x7f\x10\0" + FILES["raster16"][0],
    "dicom without pixels": b"\x08\0\5\0" + FILES["raster16"][0],
    "tga of nothing": b"\xff\0\2" + bytes(9) + b"\1\0\1\0\x20\0" + FILES["raster16"][0],
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_headers_that_lie(name):
    check_hostile(LIES[name])


@pytest.mark.parametrize("name", FILES)
def test_truncated_files(name):
    plain = FILES[name][0]
    for size in *range(1, 70, 7), 1000, 2047, 2048, 2049, 5001, len(plain) - 1:
        check_hostile(plain[:size])


def test_changing_layouts():
    """An array begins and ends anywhere, also behind the first window that is judged."""
    window = 1 << 17
    sound = pack("<h", tones(40_000, 9000))
    picture = pack(">H", surface(300, 256, 600, 1500))
    for plain in (
        sound + b"x" + picture,
        picture[:window] + b"yy" + sound,
        b"z" * window + noise(77) + picture,
    ):
        check_hostile(plain, profiles=(1,))
    found = {
        parameter for kind, parameter, _ in _native.detect(b"z" * window + b"odd" + picture * 2) if kind == 5
    }
    assert layout(2, True, row=512) in found


def check_hostile(plain: bytes, profiles=(1, 4)) -> None:
    segments = _native.detect(plain)
    assert sum(length for _, _, length in segments) == len(plain)
    assert all(length for _, _, length in segments)
    for profile in profiles:
        round_trip(profile, plain, 2, segments)
