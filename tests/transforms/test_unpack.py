"""Packed streams inside blocks: that they are opened, and restored whatever they are and lie in."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import make_text, noise, program, words
from support.unpacked import UNPACK, formats, opened

import nzip
from nzip.format.block import Step
from nzip.format.fields import encode_varint
from nzip.format.registry import PackedFormatId, SegmentKind, TransformId
from nzip.pipeline.coding import RunEncoder
from nzip.transforms.chain import restore
from nzip.transforms.contract import Plain
from nzip.transforms.unpack import tree
from nzip.transforms.unpack.formats import FORMATS
from nzip.transforms.unpack.tree import DEPTH, MOST_NODES

FAST = {"level": 3, "model": "none"}


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def test_members_of_a_zip_file_are_opened():
    data = zipped(a=words(5000), b=program(5000), c=b"<p>" + words(3000), d=noise(500), e=b"")
    found = opened(data)
    assert formats(found) == [PackedFormatId.DEFLATE] * 3
    assert [bytes(node.outside) for node in found.nodes()][1:] == [
        words(5000),
        program(5000),
        b"<p>" + words(3000),
    ]


def test_members_that_are_written_to_a_pipe_are_opened():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def tell(self):
            raise OSError

        def seek(self, *_):
            raise OSError

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file, file.open("a", "w") as member:
        member.write(make_text(5000))
    assert formats(opened(out.getvalue())) == [PackedFormatId.DEFLATE]


def test_gzip_and_zlib_are_opened_with_their_checksums():
    data = noise(100) + gzip.compress(words(4000)) + noise(100) + zlib.compress(words(4000)) + noise(100)
    found = opened(data)
    assert formats(found) == [PackedFormatId.DEFLATE] * 2
    assert len(found.outside) == 300 + 10 + 2


def test_streams_in_streams_are_opened_as_deep_as_may_be():
    data = make_text(20_000)
    for depth in range(1, DEPTH + 3):
        data = gzip.compress(data + make_text(20_000, depth), mtime=0)
        assert len(formats(opened(noise(9) + data))) == min(depth, DEPTH)


def test_the_block_says_so():
    data = zipped(a=words(9000), b=program(9000)) + noise(77)
    coded = nzip.compress(data, **FAST)
    (block,) = nzip.info(io.BytesIO(coded)).streams[0].blocks
    (step,) = block.header.steps
    assert step.id == TransformId.UNPACK
    assert step.size_after > 18_000
    assert SegmentKind.TEXT in {segment.kind for segment in block.header.coding.segments}
    assert nzip.decompress(coded) == data
    for options in {**FAST, "unpack": False}, {"level": 1}:
        packed = nzip.compress(data, **options)
        assert not nzip.info(io.BytesIO(packed)).streams[0].blocks[0].header.steps
        assert len(packed) > 1.2 * len(coded)
    assert len(nzip.compress(data, level=1, unpack=True)) < len(packed)


@pytest.mark.parametrize(
    "options", [{"block_size": 3000}, {"block_size": 3000, "solid": 10_000}, {"lanes": 3}]
)
def test_streams_that_end_in_another_block_are_restored(options):
    data = zipped(a=make_text(40_000)) + words(5000) + gzip.compress(make_text(9000, 2))
    coded = nzip.compress(data, **FAST, **options)
    assert nzip.decompress(coded) == data


def test_a_stream_that_is_cut_is_opened_as_far_as_it_goes():
    data = zlib.compress(random.Random(1).randbytes(2000).hex().encode() * 3 + make_text(300_000), 6)
    found = opened(data[: len(data) * 3 // 4])
    assert formats(found) == [PackedFormatId.DEFLATE]
    (content,) = list(found.nodes())[1:]
    assert len(content.outside) > 100_000


def test_a_bomb_stays_packed_or_nearly():
    bomb = gzip.compress(bytes(100 << 20), 9, mtime=0)
    found = UNPACK.find(Plain(bomb), None)
    assert found is None or sum(len(node.outside) for node in found.nodes()) <= 65 * len(bomb)
    assert nzip.decompress(nzip.compress(bomb, **FAST)) == bomb


def test_patience_with_what_is_not_opened_ends(monkeypatch):
    data = b"".join(zlib.compress(b"%d" % number) for number in range(1000)) + zlib.compress(words(900))
    assert len(formats(opened(data))) == 1
    monkeypatch.setattr(tree, "_PATIENCE", 5000)
    assert formats(opened(data)) == []


def test_other_data_are_left_alone():
    for data in b"", b"x", noise(200_000), make_text(100_000), program(100_000), zlib.compress(b"few bytes"):
        assert UNPACK.find(Plain(data), None) is None


def test_tables_are_as_large_as_the_engine_input():
    data = zlib.compress(b"".join(b"%d," % number for number in range(30_000)), 9)
    encoder = RunEncoder(nzip.EncodeOptions(**FAST))
    header, payload = encoder.encode(Plain(data))
    assert header.coding.table_log2 > 20
    assert len(payload) < len(data) / 2


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 32), st.integers(1, 40))
def test_damaged_residues_do_no_harm(seed, changes):
    generator = random.Random(seed)
    data = zipped(a=make_text(3000, seed), b=program(2000)) + zlib.compress(words(900), 1)
    found = UNPACK.find(Plain(data), None)
    made = bytearray(b"".join(part.data for part in UNPACK.forward(Plain(data), found, None)))
    for _ in range(changes):
        made[generator.randrange(60 if changes % 2 else len(made))] = generator.randrange(256)
    with contextlib.suppress(ValueError):
        assert len(UNPACK.inverse(bytes(made), len(data), None)) <= 2 * len(made) + len(data)


def _table(*columns: list[int], behind: bytes = b"") -> bytes:
    encoded = [b"".join(map(encode_varint, column)) for column in columns]
    return b"".join(encode_varint(len(column)) + column for column in encoded) + behind


@pytest.mark.parametrize(
    "text",
    [
        b"",
        _table([0], [1], [0], [], [], [], [], behind=b""),
        _table([0], [1], [0], [], [], [], [], behind=b"ab"),
        _table([], [], [], [], [], [], []),
        _table([0, 0], [1, 1], [0, 0], [], [], [], [], behind=b"ab"),
        _table([1], [1], [0], [], [], [], [], behind=b"a"),
        _table([1], [1], [0], [0], [1], [0], [1], behind=b"a"),
        _table([1, 0], [1], [0, 0], [0], [1], [0], [1], behind=b"a"),
        _table([1, 0], [0, 1], [0, 1], [1], [1], [1], [1], behind=b"\x06a"),
        _table([1, 0], [0, 1], [0, 1], [0], [99], [1], [1], behind=b"\x06a"),
        _table([1, 0, 0], [0, 1, 1], [0, 1, 1], [0], [1], [1], [2], behind=b"\x06ab"),
        _table(
            [1] * (DEPTH + 1) + [0],
            [0] * (DEPTH + 1) + [1],
            [0] * (DEPTH + 2),
            *[[n] * (DEPTH + 1) for n in (0, 1, 0, 1)],
            behind=b"a",
        ),
        _table([0] * (MOST_NODES + 1), [0] * (MOST_NODES + 1), [0] * (MOST_NODES + 1), [], [], [], []),
        b"\xff\xff\xff\xff\x7f" + bytes(100),
    ],
)
def test_a_forged_table_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        restore(text, (Step(TransformId.UNPACK, 1, len(text)),))


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: type(each).__name__)
def test_streams_of_another_number_of_contents_are_refused(each):
    for count in {0, 1, 2, 3} - {each.count}:
        with pytest.raises(ValueError, match=f"with {count} contents instead of {each.count}"):
            each.close([b"abc"] * count, b"", None)


def test_a_tree_of_nothing_is_restored():
    text = _table([0], [3], [0], [], [], [], [], behind=b"abc")
    assert restore(text, (Step(TransformId.UNPACK, 3, len(text)),)) == b"abc"
