"""Arrays against an earlier file: what changed little takes little, and both ends need the same file."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.numbers import elements, floats, npy, safetensors
from support.reference_arrays import TYPES, decode
from support.samples import noise, words

import nzip
from nzip import _native
from nzip.archive import Archive, create
from nzip.codecs.layouts.earlier import EarlierLayout, place_segments
from nzip.codecs.layouts.following import Layout
from nzip.errors import NzipFormatError
from nzip.format.block import Coding, Expert, Segment
from nzip.format.earlier import NOWHERE, Earlier, earlier_of
from nzip.format.registry import BIG_ENDIAN, EngineId, ExpertKind, SegmentKind
from nzip.options import EncodeOptions
from nzip.resources.references import CHUNK, read_reference

ALL = [*TYPES, *(kind + BIG_ENDIAN for kind in (1, 2, 3, 5, 6, 7))]
COUNT = 60_000


def changed(numbers: bytes, letter: str, seed: int = 7) -> bytes:
    """Each number a little."""
    source = random.Random(seed)
    values = struct.unpack(f"<{len(numbers) // struct.calcsize(letter)}{letter}", numbers)
    return struct.pack(f"<{len(values)}{letter}", *(v + source.gauss(0, 1e-5) for v in values))


OLD = {name: ("F32", floats("f", COUNT, "little", seed)) for seed, name in enumerate(["a", "b", "c"])}
NEW = {name: ("F32", changed(numbers, "f")) for name, (_, numbers) in OLD.items()}


@pytest.fixture
def ref(tmp_path):
    path = tmp_path / "old"
    path.write_bytes(safetensors(OLD))
    return path


def pack(plain, ref, level=2, **options):
    packed = nzip.compress(plain, level, ref=ref, **options)
    assert nzip.decompress(packed, ref=ref) == plain
    return packed


def experts(packed):
    blocks = nzip.info(io.BytesIO(packed)).streams[0].blocks
    return [(block.header.codec[0], [e.kind for e in block.header.coding.experts]) for block in blocks]


def test_a_checkpoint_against_the_one_before(ref):
    packed = pack(safetensors(NEW), ref)
    assert experts(packed) == [(EngineId.ARRAYS, [ExpertKind.EARLIER])]
    assert len(packed) < 0.7 * len(nzip.compress(safetensors(NEW), 2))


def test_tensors_are_found_by_name(ref):
    """Others stand before them, so that nothing is where it was."""
    moved = {"new": ("F32", floats("f", 5000, "little", 9)), "c": NEW["c"], "a": NEW["a"]}
    assert len(pack(safetensors(moved), ref)) < 0.8 * len(nzip.compress(safetensors(moved), 2))


def test_what_did_not_change_costs_nothing(ref):
    assert len(pack(safetensors(OLD), ref)) < 2000


@pytest.mark.parametrize("level", [2, pytest.param(6, marks=pytest.mark.slow)])
def test_numbers_without_a_header_are_where_they_were(tmp_path, level):
    path = tmp_path / "old"
    path.write_bytes(OLD["a"][1] * 2)
    plain = NEW["a"][1] * 2 + NEW["b"][1]  # which goes on behind the end of what was
    alone = nzip.compress(plain, 2)
    assert len(pack(plain, path, level, model="none", prime="none")) < 0.9 * len(alone)


def torch_file(stem: str, tensors: list[bytes], pickled: int) -> bytes:
    """As PyTorch writes it: stored, sizes behind what is stored, and all of that aligned to 64."""
    file = b""
    for name, data in [("data.pkl", bytes(pickled)), *((f"data/{i}", t) for i, t in enumerate(tensors))]:
        path = f"{stem}/{name}".encode()
        filling = -(len(file) + 30 + len(path)) % 64
        file += b"PK\3\4" + struct.pack("<HHHHHIIIHH", 0, 0x808, 0, 0, 0, 0, 0, 0, len(path), filling)
        file += path + bytes(filling) + data + b"PK\7\x08" + bytes(12)
    return file


@pytest.mark.parametrize("block_size", [None, 1 << 18])
def test_tensors_of_pytorch(tmp_path, block_size):
    path = tmp_path / "old"
    path.write_bytes(torch_file("step-99", [t for _, t in OLD.values()], 400))
    plain = torch_file("step-100", [t for _, t in NEW.values()], 1700)
    packed = pack(plain, path, block_size=block_size)
    assert len(packed) < 0.75 * len(nzip.compress(plain, 2, block_size=block_size))


def test_an_array_of_a_zip(tmp_path):
    """NumPy's files hold arrays by name."""
    files = {}
    for name, tensors in ("old", OLD), ("new", {"x": NEW["b"], "b": NEW["b"], "c": NEW["c"]}):
        with zipfile.ZipFile(buffer := io.BytesIO(), "w") as file:
            for key, (_, numbers) in tensors.items():
                file.writestr(f"{key}.npy", npy(numbers))
        files[name] = buffer.getvalue()
    (tmp_path / "old").write_bytes(files["old"])
    assert len(pack(files["new"], tmp_path / "old")) < 0.9 * len(nzip.compress(files["new"], 2))


def test_text_between_arrays_goes_on_with_the_reference(tmp_path):
    """A block of arrays ends a run of the other engine, and the next one learns the reference again."""
    text = words(90_000)
    path = tmp_path / "old"
    path.write_bytes(text + OLD["a"][1] + text)
    plain = text + NEW["a"][1] + text
    packed = pack(plain, path, block_size=90_000, verify=True)
    assert {engine for engine, _ in experts(packed)} == {EngineId.ARRAYS, EngineId.CONTEXT_MIXING}
    assert len(packed) < 250_000


def test_a_reference_of_something_else_is_no_harm(ref):
    plain = words(30_000) + noise(5000)
    pack(plain, ref)
    pack(floats("d", 40_000, "little"), ref)


def test_both_ends_need_it(ref, tmp_path):
    packed = nzip.compress(safetensors(NEW), 2, ref=ref)
    with pytest.raises(nzip.NzipModelError, match=r"reference sha256:\w+ \(\d+ bytes\) is not here; --ref"):
        nzip.decompress(packed)
    other = tmp_path / "other"
    other.write_bytes(safetensors(NEW))
    with pytest.raises(nzip.NzipModelError, match="is another file"):
        nzip.decompress(packed, ref=other)


def test_members_of_archives(ref, tmp_path):
    (tmp_path / "a.txt").write_bytes(words(3000))
    (tmp_path / "new.safetensors").write_bytes(safetensors(NEW))
    made = io.BytesIO()
    files = ["a.txt", "new.safetensors"]
    create(made, files, EncodeOptions(level=2, ref=ref, block_size=1 << 20), folder=str(tmp_path))
    with Archive(made, ref=ref) as archive:
        assert archive.read("new.safetensors") == safetensors(NEW)
        assert archive.read("a.txt") == words(3000)
    assert len(made.getvalue()) < 0.75 * len(nzip.compress(safetensors(NEW), 2))


def test_a_part_that_changed_is_not_used(ref):
    file = read_reference(ref)
    assert list(file.parts([(5, 7), (0, 0), (3, 2)])) == [safetensors(OLD)[5:12], b"", safetensors(OLD)[3:5]]
    ref.write_bytes(safetensors(NEW))
    with pytest.raises(nzip.NzipModelError, match="has changed"):
        list(file.parts([(5, 7)]))


def test_parts_of_a_long_file(tmp_path):
    data = noise(CHUNK) * 2 + noise(999, 3)
    (tmp_path / "long").write_bytes(data)
    file = read_reference(tmp_path / "long")
    wanted = [(CHUNK - 10, 20), (2 * CHUNK + 5, 994), (CHUNK - 1, CHUNK + 2)]
    assert list(file.parts(wanted)) == [data[start : start + size] for start, size in wanted]


# The coded bytes


@st.composite
def pairs(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Bytes, and what they were before: the same but for some of them."""
    source = random.Random(draw(st.integers(0, 1 << 32)))
    plain = source.randbytes(draw(st.integers(1, 9000)))
    if draw(st.booleans()):
        plain = plain[:40] * (len(plain) // 40 + 1)
    earlier = bytearray(plain)
    for _ in range(draw(st.integers(0, 300))):
        earlier[source.randrange(len(plain))] = source.randrange(256)
    return plain, bytes(earlier)


@settings(max_examples=100, deadline=None)
@given(pairs(), st.sampled_from(ALL), st.integers(0, 9000))
def test_any_bytes_against_any_others(pair, kind, cut):
    plain, earlier = pair
    cut = min(cut, len(plain))
    sizes = [size for size in (cut, len(plain) - cut) if size]
    segments = [(SegmentKind.ARRAY, kind, size) for size in sizes]
    parts = [earlier[at : at + size] for at, size in zip(accumulate([0, *sizes]), sizes, strict=False)]
    parts[0] = parts[0] if cut % 2 else b""
    coded = _native.encode_arrays(plain, segments, earlier=parts)
    assert _native.decode_arrays(coded, len(plain), segments, earlier=parts) == plain


@pytest.mark.parametrize("kind", ALL)
def test_a_second_decoder_agrees(kind):
    size = _native.element_size(kind)
    plain = elements(kind)
    source = random.Random(4)
    for share in 0.05, 1:  # of numbers that changed
        earlier = bytearray(plain)
        for at in range(size - 1 if kind & BIG_ENDIAN else 0, len(plain), max(1, min(size, 8))):
            if source.random() < share:
                earlier[at] = max(0, earlier[at] - source.randrange(9))
        segments = [(SegmentKind.ARRAY, kind, len(plain))]
        coded = _native.encode_arrays(plain, segments, earlier=[bytes(earlier)])
        assert len(coded) < len(_native.encode_arrays(plain, segments))
        assert _native.decode_arrays(coded, len(plain), segments, earlier=[bytes(earlier)]) == plain
        assert decode(coded, segments, [bytes(earlier)]) == plain


def test_earlier_bytes_are_as_many():
    segments = [(SegmentKind.ARRAY, 0, 10)]
    for earlier in [b"123"], [b"", b""]:
        with pytest.raises(ValueError, match="earlier bytes"):
            _native.encode_arrays(bytes(10), segments, earlier=earlier)
        with pytest.raises(ValueError, match="earlier bytes"):
            _native.decode_arrays(b"", 10, segments, earlier=earlier)


# The header


def coding(*wanted: Expert) -> Coding:
    segments = Segment(SegmentKind.ARRAY, 1, 10), Segment(SegmentKind.ARRAY, 0, 5)
    return Coding(EngineId.ARRAYS, 1, 0, 16, segments, experts=wanted)


def test_the_header_says_where_everything_was():
    earlier = Earlier(b"h" * 16, 40, (30, NOWHERE))
    assert earlier_of(coding(earlier.expert())) == earlier
    assert earlier_of(coding()) is None


@pytest.mark.parametrize(
    ("size", "places"),
    [(40, (31, NOWHERE)), (40, (0, 36)), (40, (NOWHERE, NOWHERE)), (40, (0,)), (40, (0, 0, 0)), (0, (0, 0))],
)
def test_places_that_are_not_there(size, places):
    with pytest.raises(NzipFormatError, match="earlier file"):
        earlier_of(coding(Earlier(b"h" * 16, size, places).expert()))


def test_segments_that_go_on_behind_the_end_of_what_was():
    segments = Segment(SegmentKind.ARRAY, 6, 100), Segment(SegmentKind.ARRAY, 0, 7)
    placed = place_segments(segments, (50, NOWHERE), 77)
    assert [segment.size for segment in placed.segments] == [24, 76, 7]
    assert placed.places == (50, NOWHERE, NOWHERE)
    assert place_segments(segments, (77, 200), 77).places == (NOWHERE, NOWHERE)


def test_lying_headers_are_harmless(tmp_path):
    source = random.Random(8)
    whole = torch_file("x", [OLD["a"][1][:9000]] * 3, 100), safetensors({"a": OLD["a"], "b": OLD["b"]})
    for number in range(60):
        files = []
        for _ in range(2):
            broken = bytearray(whole[number % 2])
            for _ in range(source.randint(0, 4)):
                broken[source.randrange(min(len(broken), 700))] = source.choice([0, 1, 34, 127, 255, 57])
            files.append(bytes(broken))
        path = tmp_path / "old"
        path.write_bytes(files[0])
        reference = read_reference(path)
        segments, places = Layout(EarlierLayout(reference)).take(files[1], len(files[1]))
        assert sum(segment.size for segment in segments) in (0, len(files[1]))
        assert all(
            place == NOWHERE or 0 <= place <= reference.size - segment.size
            for segment, place in zip(segments, places, strict=True)
        )
