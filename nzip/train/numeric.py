"""Documents of other kinds than text: sound, pictures, tables of numbers, programs.

All but the programs are made by formulas, so that they have no licence and anyone can make the same. They
teach a start the weights that such data are predicted with.
"""

from __future__ import annotations

import argparse
import marshal
import struct
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DOCUMENT_BYTES = 60_000

Random: TypeAlias = np.random.Generator
Numbers: TypeAlias = "NDArray[Any]"


def documents(seed: int = 1) -> Iterator[bytes]:
    """Some 30 documents, the same for the same seed, and what of six programs is on this machine."""
    random = np.random.default_rng(seed)
    for _ in range(2):
        for made in (
            _stereo(random),
            _mono(random),
            _pixels(random, 3),
            _pixels(random, 1),
            _scan(random),
            _page(random),
            _records(random),
            _cells(random),
            _floats(random),
            _doubles(random),
            _weights(random),
            _leads(random),
        ):
            yield made[:DOCUMENT_BYTES]
    yield _mono(random, bits=8)[:DOCUMENT_BYTES]
    yield from programs()


def programs() -> Iterator[bytes]:
    """Pieces of what this machine runs: code of processors, of Python, and objects to link."""
    libraries = Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib"), Path("/usr/lib")
    for pattern in ("libpython3*.so*", "*/libc.so.6", "*/libm.so.6", "*/libc.a", "*/libstdc++.so.6"):
        found = next((each for folder in libraries for each in sorted(folder.glob(pattern))), None)
        if found is not None:
            data = found.read_bytes()
            start = len(data) // 3
            yield data[start : start + DOCUMENT_BYTES]
    yield marshal.dumps(compile(Path(argparse.__file__).read_bytes(), "argparse.py", "exec"))[:DOCUMENT_BYTES]


def _tones(random: Random, size: int, rate: int) -> Numbers:
    """Notes that fade, each with its harmonics and a little noise, between -1 and 1."""
    sound, at = np.zeros(size), 0
    while at < size:
        count = min(size - at, int(rate * random.uniform(0.1, 0.5)))
        time = np.arange(size - at) / rate
        base = random.choice([110, 131, 165, 196, 220, 262, 330]) * random.uniform(0.99, 1.01)
        fade, loudness = random.uniform(1, 6), random.uniform(0.3, 1)
        for k in range(1, 12):
            pitch = base * k * (1 + 0.0003 * k * k)
            wave = np.sin(2 * np.pi * pitch * time + random.uniform(0, 6))
            sound[at:] += loudness * wave * np.exp(-time * fade * k**0.7) / k**1.1
        at += count
    hiss = np.convolve(random.normal(size=size), np.exp(-np.arange(12) / 3), "same")
    sound += 0.003 * np.abs(sound).max() * hiss
    return np.asarray(sound / np.abs(sound).max())


def _rounded(numbers: Numbers, kind: str) -> bytes:
    return bytes(numbers.round().astype(kind))


def _wav(samples: Numbers, rate: int, channels: int) -> bytes:
    data, size = samples.tobytes(), samples.itemsize
    header = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * channels * size, channels * size, 8 * size)
    before = struct.pack("<4sI8s", b"RIFF", 36 + len(data), b"WAVEfmt ")
    return before + header + struct.pack("<4sI", b"data", len(data)) + data


def _stereo(random: Random) -> bytes:
    first, second = _tones(random, 16000, 22050), _tones(random, 16000, 22050)
    mixed = np.stack([0.7 * first + 0.3 * second, 0.4 * first + 0.6 * second], 1) * 20000
    return _wav((mixed + random.normal(size=mixed.shape) * 6).round().astype("<i2"), 22050, 2)


def _mono(random: Random, bits: int = 16) -> bytes:
    tones = _tones(random, 28000, 16000)
    if bits == 8:
        noisy = 128 + 90 * tones + random.normal(size=tones.shape) * 0.7
        return _wav(noisy.round().clip(0, 255).astype("u1"), 11025, 1)
    return _wav((tones * 9000 + random.normal(size=tones.shape) * 3).round().astype("<i2"), 16000, 1)


def _leads(random: Random) -> bytes:
    """Two channels of slow waves with beats, as of a heart, in 16 bits."""
    time = np.arange(15000) / 360
    beat = (time * random.uniform(1.0, 1.3)) % 1
    pulse = np.exp(-(((beat - 0.3) / 0.015) ** 2)) + 0.15 * np.exp(-(((beat - 0.55) / 0.05) ** 2))
    drift = np.convolve(np.cumsum(random.normal(size=time.size)), np.ones(200) / 200, "same")
    leads = np.stack([400 * pulse + 2 * drift, 250 * pulse - drift], 1)
    return _rounded(leads + random.normal(size=leads.shape) * 3, "<i2")


def _leaves(random: Random, height: int, width: int, channels: int) -> Numbers:
    """Discs of all sizes that cover one another, each with a colour and a slope of light.

    The model of dead leaves, whose statistics are those of photographs (Lee, Mumford and Huang 2001,
    *Occlusion Models for Natural Images*).
    """
    image = np.full((height, width, channels), 128.0)
    for _ in range(1200):
        radius = 2 / random.power(2) if random.random() < 0.9 else random.uniform(10, 60)
        radius = min(radius, 80)
        y, x = random.uniform(0, height), random.uniform(0, width)
        top, left = max(0, int(y - radius)), max(0, int(x - radius))
        part = image[top : int(y + radius) + 1, left : int(x + radius) + 1]
        rows, columns = (axis.astype(float) for axis in np.indices(part.shape[:2]))
        rows, columns = rows + top - y, columns + left - x
        inside = rows**2 + columns**2 < radius**2
        slope = random.normal(size=2) * 0.4
        light = slope[0] * rows + slope[1] * columns
        colour = random.uniform(20, 235) + random.normal(size=channels) * 30
        part[inside] = (colour + light[..., None])[inside]
    for axis in (0, 1):  # what a lens does
        image = (np.roll(image, 1, axis) + 2 * image + np.roll(image, -1, axis)) / 4
    return np.asarray(image)


def _pixels(random: Random, channels: int) -> bytes:
    height, width = (110, 180) if channels == 3 else (220, 260)
    image = _leaves(random, height, width, channels) + random.normal(size=(height, width, channels)) * 2
    kind = b"P6" if channels == 3 else b"P5"
    return kind + b"\n%d %d\n255\n" % (width, height) + _rounded(image.clip(0, 255), "u1")


def _scan(random: Random) -> bytes:
    """A slice of a body in 16 bits, dark around it."""
    image = 8 * _leaves(random, 170, 176, 1)[..., 0]
    rows, columns = np.mgrid[-1:1:170j, -1:1:176j]
    image *= (rows**2 + columns**2 < 0.8) * (1 - 0.3 * rows**2)
    return _rounded(image + np.abs(random.normal(size=image.shape)) * 6, "<u2")


def _page(random: Random) -> bytes:
    """A page of signs in black and white, 8 pixels a byte, as a fax sends it."""
    page = np.zeros((1200, 1728), bool)
    signs = []
    for _ in range(40):
        sign = np.zeros((22, 16), bool)
        for _ in range(random.integers(2, 4)):
            y, x = random.integers(0, 18), random.integers(0, 12)
            if random.random() < 0.5:
                sign[y : y + 3, : x + 4] = True
            else:
                sign[: y + 4, x : x + 3] = True
        signs.append(sign)
    for top in range(60, 1100, 34):
        left = 120
        while left < 1580:
            if random.random() < 0.83:
                page[top : top + 22, left : left + 16] |= signs[int(40 * random.power(3))]
            left += 20
        if random.random() < 0.1:
            page[top + 28, 100:1600] = True
    return np.packbits(page)[216 * 40 :].tobytes()


def _records(random: Random) -> bytes:
    """Records of integers that count, wander, repeat, and a float."""
    layout = [("id", "<u4"), ("time", "<u4"), ("x", "<i4"), ("y", "<i4"), ("kind", "u1"), ("flag", "u1")]
    table = np.zeros(2500, [*layout, ("size", "<u2"), ("price", "<f4")])
    count = len(table)
    table["id"] = random.integers(1 << 20) + np.arange(count)
    table["time"] = 1_690_000_000 + np.cumsum(random.integers(0, 40, count))
    table["x"] = np.cumsum(random.normal(size=count) * 90)
    table["y"] = 500_000 + np.cumsum(random.normal(size=count) * 60)
    table["kind"] = random.choice(6, count, p=[0.5, 0.2, 0.1, 0.1, 0.05, 0.05])
    table["flag"] = table["kind"] * 2 + (random.random(count) < 0.1)
    table["size"] = np.abs(random.normal(size=count) * 40)
    table["price"] = random.normal(20, 3, count).round(1)
    return table.tobytes()


def _cells(random: Random) -> bytes:
    """A sheet's cells one after another: kind, length, row, column, style, and a number."""
    sheet = bytearray()
    columns = [(random.integers(15, 40), random.random(), random.uniform(0, 900)) for _ in range(24)]
    for row in range(160):
        for column, (style, spread, base) in enumerate(columns):
            if random.random() < 0.15:
                continue
            value = base + spread * row * random.integers(1, 3) + int(random.normal() * 20)
            if spread < 0.5:
                number = struct.pack("<i", int(value) << 2 | 2)
                sheet += struct.pack("<HHHHH", 0x027E, 10, row, column, style) + number
            else:
                number = struct.pack("<d", round(value, 2))
                sheet += struct.pack("<HHHHH", 0x0203, 14, row, column, style) + number
    return bytes(sheet)


def _floats(random: Random) -> bytes:
    """A table of 32-bit floats whose values come back."""
    phase = np.outer(np.arange(150), np.arange(100)) * (2 * np.pi / random.integers(150, 250))
    return (np.hanning(100) * np.cos(phase)).astype("<f4").tobytes()


def _doubles(random: Random) -> bytes:
    """Rows of 64-bit floats: prices from a list, a mark, noise and a clock."""
    prices, marks = random.lognormal(3, 1, 400).round(2), random.normal(size=40).round(3)
    rows = 1800
    clock = np.repeat(np.arange(rows // 10) * 0.1, 10)
    columns = random.choice(prices, rows), random.choice(marks, rows), random.normal(size=rows), clock
    return np.stack(columns, 1).astype("<f8").tobytes()


def _weights(random: Random) -> bytes:
    """A network's weights in 32 bits, its rows of different scales."""
    scales = random.lognormal(-3, 0.5, (60, 1))
    return (random.standard_t(6, (60, 250)) * scales).astype("<f4").tobytes()
