"""Writes the seeds of the targets: small inputs that reach what random ones do not.

    python fuzz/make_seeds.py

Each target says in its source what its choices mean.
"""

from __future__ import annotations

import bz2
import hashlib
import io
import sys
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent / "tests"))

from support import pictures  # noqa: E402
from support.samples import noise, program, wave, words  # noqa: E402

from nzip import _native  # noqa: E402
from nzip.transforms.unpack.gif import Gif  # noqa: E402


def part(data: bytes) -> bytes:
    return len(data).to_bytes(2, "little") + data


def deflated(data: bytes, level: int, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    return packer.compress(data) + packer.flush()


def deflate() -> list[bytes]:
    texts = words(3000), wave(2000), bytes(2000), noise(300)
    streams = [deflated(text, level) for text in texts for level in (0, 1, 4, 6, 9)]
    streams += [
        deflated(texts[0], 6, strategy) for strategy in (zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE)
    ]
    seeds = [b"\0" + stream for stream in streams]
    for stream in streams:
        if opened := _native.open_deflate(stream, 0, 1 << 20):
            seeds.append(b"\1" + part(opened[1]) + opened[2])
    return [*seeds, b"\2" + zlib.compress(texts[0]) * 2, *(b"\3" + noise(400 + n) for n in range(4))]


def bzip2() -> list[bytes]:
    texts = words(400), bytes(2000), b"ab" * 300, noise(300)
    streams = [bz2.compress(text, level) for text in texts for level in (1, 9)]
    streams += [streams[0] + streams[3], streams[0][:-9]]
    seeds = [b"\0" + stream for stream in streams]
    for stream in streams:
        if opened := _native.open_bzip2(stream, 0, 1 << 20):
            seeds.append(b"\1" + part(opened[1]) + opened[2])
    return seeds


def jpeg() -> list[bytes]:
    image, seeds = pictures.picture(24, 17), []
    choices = (
        {},
        {"progressive": True},
        {"subsampling": 0},
        {"optimize": True},
        {"restart_marker_blocks": 1},
    )
    files = [pictures.jpeg(image, quality=60, **choice) for choice in choices]
    files += [pictures.jpeg(pictures.picture(20, 9, "L"), quality=90)]
    for data in files:
        seeds.append(b"\0" + data)
        opened = _native.open_jpeg(data, 0)
        if opened is not None:
            seeds.append(b"\1" + part(opened[1]) + opened[2])
    return seeds


def gif() -> list[bytes]:
    seeds = []
    for size in (20, 150):
        out = io.BytesIO()
        pictures.picture(size, size, "L").save(out, "GIF")
        data = out.getvalue()
        (start,) = Gif().find(data, None)
        seeds.append(b"\0" + data[start:])
        if opened := _native.open_gif(data, start, 1 << 20):
            seeds.append(b"\1" + part(opened[1]) + opened[2])
    return seeds


def rows() -> list[bytes]:
    pixels, filters = wave(120), bytes(number % 5 for number in range(10))
    filtered = _native.filter_png(filters, pixels, 3)
    return [
        b"\0" + bytes([11, 3]) + part(filters) + filtered,
        b"\1" + bytes([2]) + (b"\x05\0\x40\0\1\1" + b"\3\0\x20\0\1\4") + b"\x80\0" + words(200),
        b"\2" + b"".join(bytes([40]) + words(41) + b"\0\0\x10" for _ in range(4)),
    ]


def arrays() -> list[bytes]:
    seeds = []
    for kind in (1, 2, 3, 4, 5, 6, 7, 34, 38, 46):
        plain = wave(600)
        segments = [(8, kind, len(plain))]
        size = (len(plain) - 1).to_bytes(2, "little")
        choice = size + bytes([kind, 1]) + size  # one segment of that type
        seeds.append(b"\1" + choice + plain)
        seeds.append(b"\0" + choice + _native.encode_arrays(plain, segments))
    return seeds


def detect() -> list[bytes]:
    samples = words(900), program(900), wave(900), noise(300), "Grüße, 文字\n".encode("utf-16-le") * 40
    return [bytes([what, 1]) + sample for what in range(4) for sample in samples]


def engine() -> list[bytes]:
    seeds = []
    for component_set in range(4):
        for kind in range(7):
            sample = program(300) if kind == 4 else wave(300) if kind in (2, 3, 5) else words(300)
            size = (len(sample) - 1).to_bytes(2, "little")
            for codes in (0, 1):
                choice = bytes([0, component_set, 0, 1, codes, 1, 0])
                seeds.append(choice + size + bytes([kind, 1, 0]) + size + sample)
    return seeds


def state() -> list[bytes]:
    return [
        bytes([0, component_set, 20]) + words(20) + bytes([way]) + noise(64)
        for component_set in range(4)
        for way in (0, 1)
    ]


def network() -> list[bytes]:
    return [bytes([3, kind, 0, 0, 0, 30]) + words(31) + bytes([16]) + bytes(range(16)) for kind in (0, 1)]


def tokens() -> list[bytes]:
    pieces = b"".join(bytes([len(word)]) + word for word in words(60).split()[:12] if len(word) < 8)
    return [bytes([8, 0]) + pieces + bytes(200) + noise(100), bytes([200, 0]) + noise(2000)]


TARGETS = (arrays, bzip2, deflate, detect, engine, gif, jpeg, network, rows, state, tokens)


def main() -> None:
    for target in TARGETS:
        folder = FOLDER / "seeds" / target.__name__
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        for seed in target():
            (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


if __name__ == "__main__":
    main()
