"""Engine 2: arrays of numbers come back whatever they are, also from a second decoder, and become small."""

from __future__ import annotations

import random
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.numbers import elements, floats, quantized
from support.reference_arrays import TYPES, decode
from support.samples import noise, words

import nzip
from nzip import _native
from nzip.codecs.table import codec_of
from nzip.format.block import BlockHeader, Coding, Segment
from nzip.format.registry import BIG_ENDIAN, ElementType, EngineId, SegmentKind
from nzip.resources.resources import Resources

BIG = [kind + BIG_ENDIAN for kind in (1, 2, 3, 5, 6, 7)]
ALL = [*TYPES, *BIG]


def encode(plain: bytes, *arrays: tuple[int, int]) -> bytes:
    return _native.encode_arrays(plain, [(SegmentKind.ARRAY, kind, size) for kind, size in arrays])


def restored(coded: bytes, plain: bytes, *arrays: tuple[int, int]) -> bytes:
    return _native.decode_arrays(
        coded, len(plain), [(SegmentKind.ARRAY, kind, size) for kind, size in arrays]
    )


@st.composite
def numbers(draw: st.DrawFn) -> bytes:
    """Noise, what is much the same, and what repeats, in any mixture."""
    source = random.Random(draw(st.integers(0, 1 << 32)))
    parts = []
    for _ in range(draw(st.integers(0, 4))):
        size = draw(st.integers(0, 3000))
        kind = draw(st.sampled_from(["noise", "skewed", "one", "steps"]))
        if kind == "noise":
            parts.append(source.randbytes(size))
        elif kind == "skewed":
            parts.append(bytes(min(255, int(source.expovariate(0.1))) for _ in range(size)))
        elif kind == "one":
            parts.append(source.randbytes(draw(st.integers(1, 9))) * (size // 4))
        else:
            parts.append(struct.pack(f"<{size}H", *(index * 7 % 65536 for index in range(size))))
    return b"".join(parts)


@settings(max_examples=150, deadline=None)
@given(numbers(), st.lists(st.tuples(st.sampled_from(ALL), st.integers(1, 9000)), max_size=5))
def test_any_bytes_as_any_types(plain, wanted):
    arrays, left = [], len(plain)
    for kind, size in wanted:
        if size < left:
            arrays.append((kind, size))
            left -= size
    if left:
        arrays.append((wanted[-1][0] if wanted else 0, left))
    coded = encode(plain, *arrays)
    assert restored(coded, plain, *arrays) == plain


@pytest.mark.parametrize("kind", ALL)
def test_a_second_decoder_agrees(kind):
    size = _native.element_size(kind)
    assert size == sum(count * width for count, width, _ in TYPES[kind & 255])
    plain = elements(kind)
    plain += noise(size - 1)
    coded = encode(plain, (kind, len(plain)))
    assert restored(coded, plain, (kind, len(plain))) == plain
    assert decode(coded, [(SegmentKind.ARRAY, kind, len(plain))]) == plain
    assert len(coded) < len(plain)


SPECIAL = [
    0,
    1,
    0x7F800000,
    0xFF800000,
    0x7FC00001,
    0xFFFFFFFF,
    0x7FA00000,
    0x80000000,
    0x007FFFFF,
    0x807FFFFF,
]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("smooth", [False, True])
def test_nans_infinities_and_denormals(order, smooth):
    source = random.Random(5)
    values = source.choices(SPECIAL, k=5000)
    if smooth:  # differences of floats
        values = [value for index in range(3000) for value in (0x3F800000 + index, SPECIAL[index % 10])]
    plain = struct.pack(f"{order}{len(values)}I", *values)
    kind = ElementType.FLOAT32 + (BIG_ENDIAN if order == ">" else 0)
    coded = encode(plain, (kind, len(plain)))
    assert restored(coded, plain, (kind, len(plain))) == plain
    assert len(coded) < len(plain) / 3


def test_pieces_and_odd_sizes():
    plain = floats("e", 1 << 20, "little") * 3 + b"x"
    arrays = (0, 1), (ElementType.FLOAT16, len(plain) - 1)
    coded = encode(plain[::-1], *arrays)
    assert restored(coded, plain, *arrays) == plain[::-1]


def test_lengths_are_those_of_the_oracle():
    """A plane in one class takes what constriction's entropy coder takes with the same counts."""
    constriction = pytest.importorskip("constriction")
    symbols = np.frombuffer(words(60_000)[:60_000], np.uint8)
    counts = np.bincount(symbols, minlength=256).astype(np.float64)
    model = constriction.stream.model.Categorical(counts / counts.sum(), perfect=False)
    coder = constriction.stream.stack.AnsCoder()
    coder.encode_reverse(symbols.astype(np.int32), model)
    shuffled = symbols[
        np.random.default_rng(1).permutation(len(symbols))
    ].tobytes()  # so that contexts are no use
    coded = encode(shuffled, (0, len(shuffled)))
    states_and_table = 128 + 256
    assert coder.num_bits() / 8 <= len(coded) < coder.num_bits() / 8 * 1.002 + states_and_table


def test_weights_become_as_small_as_they_should():
    """Independent and normally distributed, bfloat16: what their distribution takes is known."""
    values = np.random.default_rng(3).normal(0, 0.02, 500_000).astype(np.float32)
    bits = values.view(np.uint32)
    plain = ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2")
    _, counts = np.unique(plain, return_counts=True)
    entropy = -(counts * np.log2(counts / counts.sum())).sum() / 8
    coded = encode(plain.tobytes(), (ElementType.FLOAT16, plain.nbytes))
    assert len(coded) < entropy * 1.006


def header(*arrays: tuple[int, int], **fields: object) -> BlockHeader:
    segments = tuple(Segment(SegmentKind.ARRAY, kind, size) for kind, size in arrays)
    coding = Coding(EngineId.ARRAYS, 1, **{"profile": 0, "table_log2": 16, "segments": segments, **fields})
    return BlockHeader(sum(size for _, size in arrays), 0, 1, coding)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (header((99, 10)), "elements of type 99 are not known"),
        (header((BIG_ENDIAN, 10)), "elements of type 256 are not known"),
        (header((0, 10), profile=1), "a field that is not known there"),
        (header((0, 10), lanes=2), "a field that is not known there"),
        (header((0, 10), table_log2=17), "a field that is not known there"),
        (header((0, 10), keeps=True), "a field that is not known there"),
        (header((0, 10), segments=(Segment(0, 0, 10),)), "segment kind 0 is not known"),
    ],
)
def test_what_is_not_known_is_refused(block, message):
    with pytest.raises(nzip.NzipVersionError, match=message):
        codec_of(block).open(block, Resources()).check(block)


def test_damaged_blocks_are_refused_or_other_numbers():
    plain = b"".join(
        (words(2000), floats("f", 700, "little"), floats("d", 700, "big"), quantized(144, 8), noise(99))
    )
    arrays = (0, 2000), (6, 2800), (7 + BIG_ENDIAN, 5600), (44, len(plain) - 10400)
    coded = encode(plain, *arrays)
    source = random.Random(1)
    refused = 0
    for _ in range(2000):
        hostile = bytearray(coded)
        for _ in range(source.randint(1, 3)):
            hostile[source.randrange(len(hostile))] = source.randrange(256)
        hostile = hostile[: source.randint(0, len(hostile))] if source.random() < 0.3 else hostile
        try:
            assert len(restored(bytes(hostile), plain, *arrays)) == len(plain)
        except ValueError:
            refused += 1
    assert refused > 1000
