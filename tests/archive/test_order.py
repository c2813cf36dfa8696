"""Which files are alike: the native code against its definition in plain Python."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st
from support.samples import make_text, noise

from nzip import _native

SLOTS, MASK = 32, 2**64 - 1


def sketch(head: bytes) -> tuple[int, ...]:
    shingles = [int.from_bytes(head[at : at + 6], "little") for at in range(len(head) - 5)]
    if not shingles:
        return (0,) * SLOTS
    hashes = [shingle * 0x9E3779B97F4A7C15 & MASK for shingle in shingles]
    hashes = [each ^ each >> 32 for each in hashes]
    sample = [each for each in hashes if each >> 62 == 0] or hashes
    multipliers = [0xD6E8FEB86659FD93 * odd & MASK for odd in range(1, 2 * SLOTS, 2)]
    return tuple(min((each * by & MASK) >> 20 for each in sample) & 0xFFFF for by in multipliers)


def chain(sketches: list[tuple[int, ...]]) -> list[int]:
    left, order = list(range(len(sketches))), []
    while left:
        last = sketches[order[-1]] if order else None
        order.append(
            max(left, key=lambda n: sum(a == b for a, b in zip(sketches[n], last, strict=True)))
            if last
            else left[0]
        )
        left.remove(order[-1])
    return order


@given(st.binary(max_size=300))
def test_sketches(head: bytes) -> None:
    assert struct.unpack("32H", _native.sketch_of(head)) == sketch(head)


def test_those_that_are_most_alike_follow_one_another() -> None:
    texts = [make_text(900, 1), noise(900), make_text(900, 2), make_text(900, 1)[:700], noise(900)[300:], b""]
    native = [_native.sketch_of(text) for text in texts]
    assert _native.chain(native) == chain([sketch(text) for text in texts])
    assert _native.chain(native)[:2] == [0, 3]
    assert _native.chain([]) == []
