"""Plaintexts and hypothesis strategies that many tests share."""

from __future__ import annotations

import hashlib
import random
from itertools import pairwise

from hypothesis import strategies as st

from support import TESTS

_WORDS = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "in", "1984", "<b>bold</b>\n"]
TEXT = b"It is a truth universally acknowledged, that a compressor in possession of a good model. " * 40

# JPEG files of a photograph by NASA, in the public domain: baseline with restart markers, and progressive.
PORTRAIT = (TESTS / "data" / "portrait.jpg").read_bytes()
PROGRESSIVE = (TESTS / "data" / "portrait-progressive.jpg").read_bytes()


def noise(size: int, seed: int = 0) -> bytes:
    """Incompressible bytes, the same on every machine and in every version of Python."""
    blocks = (hashlib.sha256(b"%d %d" % (seed, number)).digest() for number in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def words(size: int) -> bytes:
    """Sentences of words that are not in any order."""
    vocabulary = [*TEXT.lower().split()[:15], b"<b>", b"(seldom)", "\u00fc\u0436".encode(), b'"no";', b"1.5"]
    chosen = (vocabulary[byte % len(vocabulary)] + b" \n"[byte > 240 :][:1] for byte in noise(size, 1))
    return b"".join(chosen)[:size]


def make_text(size: int, seed: int = 1) -> bytes:
    """Text that compresses, but not to nothing."""
    source = random.Random(seed)
    words: list[str] = []
    while sum(map(len, words)) + len(words) < size:
        words += source.choices(_WORDS, k=1000)
    return " ".join(words).encode()[:size]


def records(stride: int, size: int) -> bytes:
    """Records of a counter, a slow column, a noisy one, and constant ones."""
    padding = b"  key=" * (stride // 6 + 1)
    rows = (
        (number.to_bytes(4, "little") + bytes([number // 7 % 256, byte]) + padding)[:stride]
        for number, byte in enumerate(noise(size // stride + 1, 2))
    )
    return b"".join(rows)[:size]


def wave(size: int) -> bytes:
    """Sound of 16 bits: two triangles and some noise."""
    numbers = (
        abs(at % 90 - 45) * 200 - abs(at % 37 - 18) * 90 + byte
        for at, byte in enumerate(noise(size // 2 + 1, 4))
    )
    return b"".join(number.to_bytes(2, "little", signed=True) for number in numbers)[:size]


def bitmap(row: int, size: int) -> bytes:
    """A raster of one bit a pixel: slanted bars on white, and some dust."""
    dust = noise(size, 3)
    return bytes(
        sum(((at % row * 8 + bit + at // row // 8) % 61 < 9) << (7 - bit) for bit in range(8))
        ^ (dust[at] == 0)
        for at in range(size)
    )


def program(size: int) -> bytes:
    """Something like machine code: few frequent instructions, operands of four bytes."""
    codes = [b"\x48\x89\xc7\xe8", b"\x0f\xb6", b"\x8b\x45\xf8", b"\x74\x0a", b"\x48\x8d\x15", b"\xc3\x90"]
    parts = (
        codes[byte % 6] + (byte * 40).to_bytes(4, "little") * (byte % 6 in (0, 4)) for byte in noise(size, 4)
    )
    return b"".join(parts)[:size]


def wasm(size: int) -> bytes:
    """Functions as in the code section of a WebAssembly module, without its header."""
    codes = (
        *(
            b"\x20\x00",
            b"\x20\x01\x41\x04\x6a\x21\x02",
            b"\x20\x02\x28\x02\x0c\x22\x01",
            b"\x41\xe0\x07\x10\x85\x01",
        ),
        *(b"\x02\x40\x20\x01\x45\x0d\x00\x0b", b"\x20\x00\x20\x01\x36\x02\x08", b"\x20\x02\x41\xff\x01\x71"),
        b"\x03\x40\x20\x01\x41\x7f\x6a\x22\x01\x0d\x00\x0b",
    )
    code, body = b"", b"\x01\x03\x7f"  # one group of locals: three of type i32
    for byte in noise(size, 6):
        body += codes[byte % 8]
        if byte > 240:
            body += b"\x0b"
            code += bytes([len(body) & 127 | 128, len(body) >> 7]) + body
            body = b"\x01\x03\x7f"
        if len(code) >= size:
            break
    return code[:size]


# Arbitrary bytes, runs, and texts of many scripts: what the coder sees of each differs.
plaintexts = st.one_of(
    st.binary(max_size=600),
    st.builds(lambda byte, count: bytes([byte]) * count, st.integers(0, 255), st.integers(0, 3000)),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from([b"alpha ", b"beta\n", b"\x00\x01\x02\x03", b"\xff" * 9]), max_size=200).map(
        b"".join
    ),
)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """The data cut at the given places."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]
