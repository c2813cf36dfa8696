"""What headers say of arrays: it is found in whatever pieces it comes, and believed only where it fits."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.broken_layouts import assert_extents_are_apart, broken
from support.numbers import floats, integers, npy, quantized, safetensors
from support.samples import noise, words

import nzip
from nzip.codecs.layouts.contract import ENDLESS, MAX_EXTENTS, Extent, tidy
from nzip.codecs.layouts.following import Layout
from nzip.codecs.layouts.table import read_layout
from nzip.format.block import Segment
from nzip.format.cursor import ShortInputError
from nzip.format.registry import BIG_ENDIAN, QUANTIZED, ElementType, EngineId, SegmentKind


def gguf(tensors: list[tuple[int, int, bytes]], words_in_it: int = 3, alignment: int = 32) -> bytes:
    """Each tensor is its type's number, its numbers and its bytes."""

    def string(text: bytes) -> bytes:
        return len(text).to_bytes(8, "little") + text

    keys = [
        string(b"general.name") + struct.pack("<I", 8) + string(b"made up"),
        string(b"general.alignment") + struct.pack("<II", 4, alignment),
        string(b"tokens")
        + struct.pack("<IIQ", 9, 8, words_in_it)
        + b"".join(string(b"word%d" % index) for index in range(words_in_it)),
        string(b"scores") + struct.pack("<IIQ4f", 9, 6, 4, 1, 2, 3, 4),
    ]
    infos, data = b"", b""
    for index, (kind, count, tensor) in enumerate(tensors):
        data += bytes(-len(data) % alignment)
        infos += string(b"tensor%d" % index) + struct.pack("<IQIQ", 1, count, kind, len(data))
        data += tensor
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)) + b"".join(keys) + infos
    return head + bytes(-len(head) % alignment) + data


WEIGHTS = floats("f", 3000, "little")


def test_npy():
    file = npy(WEIGHTS)
    assert read_layout(memoryview(file)) == [Extent(128, 12000, ElementType.FLOAT32)]
    wide = npy(floats("d", 10, "big"), ">f8", 2)
    assert read_layout(memoryview(wide)) == [Extent(len(wide) - 80, 80, ElementType.FLOAT64 + BIG_ENDIAN)]
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((3, 5), np.int16))
    assert read_layout(memoryview(buffer.getvalue())) == [Extent(128, 30, ElementType.INT16)]


def test_safetensors():
    file = safetensors({"a": ("BF16", bytes(10)), "b": ("BF16", bytes(4)), "c": ("I64", bytes(8))})
    start = len(file) - 22
    assert read_layout(memoryview(file)) == [
        Extent(start, 14, ElementType.FLOAT16),
        Extent(start + 14, 8, ElementType.INT64),
    ]


def test_gguf():
    file = gguf([(0, 3, bytes(12)), (12, 512, bytes(288)), (8, 32, bytes(34)), (99, 5, bytes(5))])
    start = len(file) - 32 - 288 - 64 - 5
    assert read_layout(memoryview(file)) == [
        Extent(start, 12, ElementType.FLOAT32),
        Extent(start + 32, 288, QUANTIZED + 12),
        Extent(start + 320, 34, QUANTIZED + 8),
    ]


def test_zip():
    buffer = io.BytesIO()
    np.savez(buffer, first=np.zeros(100, np.float32), second=np.zeros(7, np.int8))
    (extent,) = read_layout(memoryview(buffer.getvalue()))
    assert extent[1:3] == (400, ElementType.FLOAT32)
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as file:
        file.writestr("archive/data.pkl", b"pickled")
    assert read_layout(memoryview(buffer.getvalue()))[0].size == ENDLESS
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a", b"text")
    assert read_layout(memoryview(buffer.getvalue())) == []


def wav(samples: bytes, bits: int = 16, kind: int = 1) -> bytes:
    described = struct.pack("<HHIIHH", kind, 2, 44100, 44100 * 4, 4, bits)
    chunks = (
        b"fmt " + struct.pack("<I", len(described)) + described + b"LIST" + struct.pack("<I", 3) + b"abc\0"
    )
    chunks += b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def aiff(samples: bytes) -> bytes:
    described = struct.pack(">HIH", 1, len(samples) // 2, 16) + bytes(10)
    chunks = b"COMM" + struct.pack(">I", len(described)) + described
    chunks += b"SSND" + struct.pack(">III", 8 + len(samples), 0, 0) + samples
    return b"FORM" + struct.pack(">I", 4 + len(chunks)) + b"AIFF" + chunks


def fits(image: bytes, bits: int, *axes: int) -> bytes:
    cards = ["SIMPLE  =                    T", f"BITPIX  = {bits:20d}", f"NAXIS   = {len(axes):20d} / axes"]
    cards += [f"NAXIS{index + 1}  = {size:20d}" for index, size in enumerate(axes)]
    head = "".join(f"{card:80}" for card in [*cards, "END"]).encode()
    return head + b" " * (-len(head) % 2880) + image + bytes(-len(image) % 2880)


def nifti(image: bytes, kind: int, order: str, *axes: int) -> bytes:
    head = bytearray(352)
    struct.pack_into(f"{order}I", head, 0, 348)
    struct.pack_into(f"{order}{1 + len(axes)}H", head, 40, len(axes), *axes)
    struct.pack_into(f"{order}H", head, 70, kind)
    head[344:348] = b"n+1\0"
    return bytes(head) + image


def test_sound():
    samples = integers(2, 3000, "little")
    assert read_layout(memoryview(wav(samples))) == [Extent(56, 6000, ElementType.INT16)]
    assert read_layout(memoryview(wav(samples, 24))) == []
    assert read_layout(memoryview(wav(WEIGHTS, 32, 3))) == [Extent(56, 12000, ElementType.FLOAT32)]
    assert read_layout(memoryview(aiff(samples))) == [Extent(54, 6000, ElementType.INT16 + BIG_ENDIAN)]


def test_images_of_floats():
    image = floats("f", 3000, "big")
    assert read_layout(memoryview(fits(image, -32, 50, 60))) == [
        Extent(2880, 14400, ElementType.FLOAT32 + BIG_ENDIAN)
    ]
    assert read_layout(memoryview(fits(image, 16, 50, 120)))[0].type == ElementType.INT8
    assert read_layout(memoryview(nifti(image, 16, ">", 50, 60))) == [
        Extent(352, 12000, ElementType.FLOAT32 + BIG_ENDIAN)
    ]
    assert read_layout(memoryview(nifti(WEIGHTS, 16, "<", 3000))) == [Extent(352, 12000, ElementType.FLOAT32)]
    assert read_layout(memoryview(nifti(WEIGHTS, 4, "<", 6000)))[0].type == ElementType.INT8


FILES = [
    wav(integers(2, 5000, "little")),
    aiff(integers(2, 5000, "big")),
    fits(floats("f", 3000, "big"), -32, 50, 60),
    nifti(WEIGHTS, 16, "<", 3000),
    npy(WEIGHTS),
    safetensors({"a": ("F32", WEIGHTS), "b": ("I32", integers(4, 500, "little"))}),
    gguf([(0, 3000, WEIGHTS), (3, 64_000, quantized(20, 2000))]),
]


@pytest.mark.parametrize("file", FILES)
def test_lying_and_broken_headers_are_harmless(file):
    for data in broken(file, 500, 2, [0, 1, 34, 127, 255, 57]):
        layout = Layout()
        layout.end(data)
        segments = layout.take(data, len(data)).segments
        assert sum(segment.size for segment in segments) in (0, len(data))
        assert_extents_are_apart(data)


def test_headers_that_ask_for_much():
    many = {str(index): ("U8", b"a") for index in range(3)}
    assert len(read_layout(memoryview(safetensors(many, data_offsets=[0, 1 << 80])))) == 1
    assert read_layout(memoryview(b"\xff" * 7 + b"\0{" + bytes(50))) == []
    assert read_layout(memoryview(len(b"[" * 9999 + b"1").to_bytes(8, "little") + b"{" + b"[" * 9999)) == []
    assert len(tidy(Extent(2 * at, 1, 0) for at in range(2 * MAX_EXTENTS))) == MAX_EXTENTS
    with pytest.raises(ShortInputError):
        read_layout(memoryview(b"GGUF" + struct.pack("<IQQ", 3, 1 << 20, 1 << 20) + bytes(1000)))


def array_bytes(segments: tuple[Segment, ...]) -> dict[int, int]:
    sizes: dict[int, int] = {}
    for _, kind, size in segments:
        sizes[kind] = sizes.get(kind, 0) + size
    return sizes


TENSOR = quantized(144, 800)
FILE = gguf([(12, 800 * 256, TENSOR), (0, 3000, WEIGHTS)], words_in_it=300)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(2000, 60_000), min_size=1, max_size=9))
def test_blocks_of_any_size_know_what_the_header_said(sizes):
    layout, at = Layout(), 0
    found: dict[int, int] = {}
    for size in [*sizes, len(FILE)]:
        block = FILE[at : at + size]
        segments = layout.take(block, len(block)).segments if block else ()
        assert {segment.kind for segment in segments} <= {SegmentKind.ARRAY}
        for kind, count in array_bytes(segments).items():
            found[kind] = found.get(kind, 0) + count
        at += size
    # Elements that a bound cuts, and blocks that are mostly something else, are left out.
    assert found.get(QUANTIZED + 12, 0) <= len(TENSOR)
    assert found.get(QUANTIZED + 12, 0) >= len(TENSOR) - sum(
        size < 6000 for size in sizes
    ) * 6000 - 5000 * len(sizes)


def test_what_does_not_fit_is_not_believed():
    assert Layout().take(npy(noise(40_000)), 40_128).segments == ()
    assert Layout().take(words(40_000), 40_000).segments == ()
    assert array_bytes(Layout().take(npy(WEIGHTS), 12_128).segments) == {
        ElementType.INT8: 128,
        ElementType.FLOAT32: 12_000,
    }


def test_floats_that_are_called_integers():
    block = npy(floats("f", 3000, "big"), ">u4")
    assert array_bytes(Layout().take(block, len(block)).segments)[ElementType.FLOAT32 + BIG_ENDIAN] == 12_000


def test_files_one_behind_the_other():
    doubles = floats("d", 3000, "big")
    block = npy(WEIGHTS) + npy(doubles, ">f8") + npy(WEIGHTS)
    kinds = [segment.parameter for segment in Layout().take(block, len(block)).segments]
    assert kinds == [0, ElementType.FLOAT32, 0, ElementType.FLOAT64 + BIG_ENDIAN, 0, ElementType.FLOAT32]


def engines(coded: bytes) -> list[int]:
    return [block.header.codec[0] for block in nzip.info(io.BytesIO(coded)).streams[0].blocks]


def test_a_long_header_has_a_block_of_its_own():
    tensor = floats("e", 600_000, "little")
    file = gguf([(1, 600_000, tensor)], words_in_it=2000)
    coded = nzip.compress(file, level=1)
    assert engines(coded) == [EngineId.CONTEXT_MIXING, EngineId.ARRAYS]
    assert nzip.decompress(coded) == file
    assert nzip.compress(file, level=1, threads=3) == coded
    compressor = nzip.NzipCompressor(1)
    assert (
        b"".join(compressor.compress(file[at : at + 77_777]) for at in range(0, len(file), 77_777))
        + (compressor.flush())
        == coded
    )


def test_what_no_header_tells_of_is_found():
    weights = floats("f", 70_000, "little")
    coded = nzip.compress(b"abc" + weights, level=1)
    assert engines(coded) == [EngineId.ARRAYS]
    assert nzip.decompress(coded) == b"abc" + weights
    assert len(coded) < len(weights) * 0.88


@pytest.mark.parametrize(
    "plain", [words(300_000), noise(300_000), integers(4, 80_000, "little"), bytes(300_000)]
)
def test_other_data_are_no_arrays(plain):
    assert EngineId.ARRAYS not in engines(nzip.compress(plain, level=1))


def test_strong_levels_take_what_a_sample_tells():
    """Of whole blocks: a smaller one is coded in both ways."""
    weights = npy(floats("f", 1 << 16, "little"))
    repeated = npy((floats("d", 100, "little") * 170)[: 1 << 17], "<f8")[: 1 << 17]
    options = {"level": 5, "model": "none", "prime": "none", "block_size": 1 << 17}
    assert engines(nzip.compress(weights, **options))[:2] == [EngineId.ARRAYS] * 2
    assert engines(nzip.compress(repeated, **options)) == [EngineId.CONTEXT_MIXING]


def test_the_smallest_of_small_blocks_is_taken():
    repeated = struct.pack("<64d", *np.random.default_rng(1).normal(0, 1, 64)) * 40
    file = npy(
        b"".join(random.Random(1).choices([repeated[at : at + 8] for at in range(0, 512, 8)], k=4000)), "<f8"
    )
    assert engines(nzip.compress(file, level=1)) == [EngineId.CONTEXT_MIXING]
