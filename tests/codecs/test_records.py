"""Records of numbers: their types, the files that hold them, and that columns become small."""

from __future__ import annotations

import io
import random
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.broken_layouts import assert_extents_are_apart, broken
from support.reference_arrays import decode

import nzip
from nzip import _native
from nzip.codecs.layouts.contract import Extent
from nzip.codecs.layouts.following import Layout
from nzip.codecs.layouts.records import record_type
from nzip.codecs.layouts.table import read_layout
from nzip.format.registry import RECORD, ElementType, SegmentKind

BYTE, SHORT, INT, LONG = ElementType.INT8, ElementType.INT16, ElementType.INT32, ElementType.INT64
HALF, FLOAT, DOUBLE = ElementType.FLOAT16, ElementType.FLOAT32, ElementType.FLOAT64
FIELDS = BYTE, SHORT, INT, LONG, HALF, FLOAT, DOUBLE
SIZES = dict(zip(FIELDS, (1, 2, 4, 8, 2, 4, 8), strict=True))
POINT = record_type([FLOAT] * 3 + [BYTE] * 3)


def points(count: int) -> bytes:
    source = random.Random(6)
    return b"".join(
        struct.pack("<3f3B", i / 9, source.gauss(3, 1), -i / 50, i % 7, 9, i % 250) for i in range(count)
    )


def test_types():
    assert record_type([BYTE]) == RECORD + 1
    groups = 3 | 2 << 3, 2 | 3 << 3, 2  # three, four and one
    assert record_type([INT] * 3 + [SHORT] * 5) == RECORD + sum(g << 5 * i for i, g in enumerate(groups))
    assert _native.element_size(record_type([INT] * 24)) == 96
    assert record_type([INT] * 25) is None
    assert record_type([INT, SHORT] * 4) is None
    assert record_type([]) is None
    for unknown in RECORD, RECORD + 8, RECORD + (1 << 5), 2 * RECORD, 2 * RECORD + 1:
        assert _native.element_size(unknown) is None


@given(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=24))
def test_a_record_is_as_long_as_its_fields(fields):
    kind = record_type(fields)
    assert kind is None or _native.element_size(kind) == sum(SIZES[field] for field in fields)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=9), st.integers(0, 1 << 32))
def test_a_second_decoder_agrees(fields, seed):
    if (kind := record_type(fields)) is None:
        return
    source = random.Random(seed)
    size = _native.element_size(kind)
    plain = bytearray(source.randbytes(size)) * source.randint(1, 3000 // size + 40)
    for _ in range(200):
        plain[source.randrange(len(plain))] = source.randrange(256)
    plain += source.randbytes(source.randrange(size))
    segments = [(SegmentKind.ARRAY, kind, len(plain))]
    coded = _native.encode_arrays(bytes(plain), segments)
    assert _native.decode_arrays(coded, len(plain), segments) == plain
    assert decode(coded, segments) == plain


# Files


def las(form: int, size: int, count: int, version: int = 2) -> bytes:
    header = bytearray(375 if version == 4 else 227)
    header[:4] = b"LASF"
    struct.pack_into("<BBHI", header, 24, 1, version, 0, 0)
    struct.pack_into("<HI", header, 94, len(header), len(header) + 5)
    struct.pack_into("<BHI", header, 104, form, size, 0 if version == 4 else count)
    if version == 4:
        struct.pack_into("<Q", header, 247, count)
    return bytes(header) + bytes(5) + bytes(size * count)


@pytest.mark.parametrize(
    ("form", "size"), [(0, 20), (1, 28), (2, 26), (3, 34), (6, 30), (7, 36), (8, 38), (0, 23)]
)
def test_points_of_a_laser_scanner(form, size):
    for version in 2, 4:
        file = las(form, size, 100, version)
        (extent,) = read_layout(memoryview(file))
        assert (extent.end, extent.size) == (len(file), 100 * size)
        assert _native.element_size(extent.type) == size
    compressed_by_others = las(form | 128, size, 10)
    assert read_layout(memoryview(compressed_by_others)) == []
    assert read_layout(memoryview(las(form, 19, 10))) == []


PLY = b"ply\nformat binary_little_endian 1.0\ncomment c\nelement vertex 400\nproperty float x\n"
PLY += b"property float y\nproperty float z\nproperty uchar red\nproperty uchar green\nproperty uchar blue\n"
PCD = b"# .PCD v0.7\nVERSION 0.7\nFIELDS x y z _\nSIZE 4 4 4 1\nTYPE F F F U\nCOUNT 1 1 1 3\nWIDTH 400\n"
PCD += b"HEIGHT 1\nPOINTS 400\nDATA binary\n"


def test_point_clouds():
    head = PLY + b"element face 3\nproperty list uchar int vertex_indices\nend_header\n"
    assert read_layout(memoryview(head)) == [Extent(len(head), 6000, POINT)]
    head = PLY + b"element more 2\nproperty ushort n\nend_header\n"
    assert [each.size for each in read_layout(memoryview(head))] == [6000, 4]
    assert read_layout(memoryview(PLY.replace(b"binary_little", b"binary_big"))) == []
    assert read_layout(memoryview(PCD)) == [Extent(len(PCD), 6000, POINT)]
    assert read_layout(memoryview(PCD.replace(b"DATA binary", b"DATA binary_compressed"))) == []
    assert read_layout(memoryview(PCD.replace(b"DATA binary", b"DATA ascii"))) == []


def test_structured_arrays_of_numpy():
    def saved(kind: object) -> list[Extent]:
        np.save(buffer := io.BytesIO(), np.zeros((5, 4), kind))
        return read_layout(memoryview(buffer.getvalue()))

    (extent,) = saved([("x", "<f4"), ("y", "<f4"), ("time", "<i8"), ("kind", "u1")])
    assert (extent.size, extent.type) == (20 * 17, record_type([FLOAT, FLOAT, LONG, BYTE]))
    assert saved([("name", "S5"), ("x", "<f4")]) == []
    assert saved([("inner", [("x", "<f4")])]) == []


@pytest.mark.parametrize("head", [PLY + b"end_header\n", PCD])
def test_columns_become_small(head):
    file = head + points(400) * 1
    segments = Layout().take(file, len(file)).segments
    assert [segment.parameter for segment in segments] == [0, POINT]
    file = head.replace(b"400", b"40000") + points(40_000)
    coded = nzip.compress(file, 1)
    assert nzip.decompress(coded) == file
    assert len(coded) < 0.5 * len(file)


FILES = [PLY + b"end_header\n" + points(400), PCD + points(400), las(3, 34, 300), las(7, 36, 300, 4)]


@pytest.mark.parametrize("file", FILES)
def test_lying_and_broken_headers_are_harmless(file):
    for data in broken(file, 300, 3, [0, 1, 10, 32, 127, 255, 57]):
        segments = Layout().take(data, len(data)).segments
        assert sum(segment.size for segment in segments) in (0, len(data))
        assert_extents_are_apart(data)
