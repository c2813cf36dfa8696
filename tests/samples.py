"""Plaintexts and hypothesis strategies that many tests share."""

from __future__ import annotations

import hashlib
from itertools import pairwise

from hypothesis import strategies as st

TEXT = b"It is a truth universally acknowledged, that a compressor in possession of a good model. " * 40


def noise(size: int, seed: int = 0) -> bytes:
    """Incompressible bytes, the same on every machine and in every version of Python."""
    blocks = (hashlib.sha256(b"%d %d" % (seed, number)).digest() for number in range(size // 32 + 1))
    return b"".join(blocks)[:size]


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
