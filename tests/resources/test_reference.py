"""References: what they save, that both ends need the same one, and what becomes of runs and limits."""

from __future__ import annotations

import io
import os
import pickle
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from support.engines import ENGINE
from support.samples import noise, plaintexts, program, words

import nzip
from nzip.codecs.segments import find_segments
from nzip.format.block import Coding, Expert, Segment, one_segment
from nzip.format.header import StreamHeader
from nzip.format.reference import Reference, reference_of
from nzip.format.registry import SegmentKind
from nzip.pipeline import (
    DecodeOptions,
    EncodeOptions,
    compress_stream,
    decompress_stream,
    memory_needed,
    resolve_decoding,
    resolve_encoding,
    salvage_stream,
)
from nzip.resources import references
from nzip.resources.resources import Resources

OLD = words(20_000) + noise(20_000, 5) + program(5000)
NEW = OLD[:15_000] + b"something new" + OLD[16_000:]


@pytest.fixture
def ref(tmp_path):
    path = tmp_path / "old"
    path.write_bytes(OLD)
    return path


def pack(plain, ref, level=1, **options):
    return nzip.compress(plain, level, ref=ref, **options)


@pytest.mark.parametrize("level", [1, 3, pytest.param(5, marks=pytest.mark.slow)])
def test_what_the_reference_knows_costs_next_to_nothing(ref, level):
    packed = pack(NEW, ref, level, model="none", prime="none")
    assert len(packed) < 2000 < len(nzip.compress(noise(20_000, 5)))
    assert nzip.decompress(packed, ref=ref) == NEW


def test_the_file_itself(ref):
    packed = pack(OLD, ref)
    assert len(packed) < 1000
    assert nzip.decompress(packed, ref=ref) == OLD


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plaintexts, plaintexts)
def test_any_file_against_any_other(tmp_path, old, new):
    path = tmp_path / "any"
    path.write_bytes(old)
    assert nzip.decompress(pack(new, path), ref=path) == new


def test_an_empty_file_is_no_reference(tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(b"")
    assert pack(NEW, path) == nzip.compress(NEW, 1)
    assert nzip.decompress(pack(NEW, path), ref=path) == NEW


def test_a_reference_is_needed_by_its_content_alone(ref, tmp_path):
    packed = pack(NEW, ref)
    other = tmp_path / "other"
    with pytest.raises(nzip.NzipModelError, match=r"reference sha256:\w+ \(45000 bytes\) is not here; --ref"):
        nzip.decompress(packed)
    other.write_bytes(OLD[:-1] + b"x")
    with pytest.raises(nzip.NzipModelError, match=r"is needed; \S+other is another file"):
        nzip.decompress(packed, ref=other)
    other.write_bytes(OLD)
    assert nzip.decompress(packed, ref=other) == NEW


def test_a_reference_that_changes_or_goes_away(ref):
    packed = pack(NEW, ref)
    encoding, decoding = (
        resolve_encoding(EncodeOptions(level=1, ref=ref)),
        resolve_decoding(DecodeOptions(ref=ref)),
    )
    ref.write_bytes(OLD + b"x")
    with pytest.raises(nzip.NzipModelError, match="has changed"):
        decompress_stream(io.BytesIO(packed), None, decoding)
    with pytest.raises(nzip.NzipModelError, match="has changed"):
        compress_stream(io.BytesIO(NEW), io.BytesIO(), encoding)
    ref.unlink()
    with pytest.raises(FileNotFoundError):
        decompress_stream(io.BytesIO(packed), None, decoding)


def test_what_cannot_be_a_reference(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError):
        pack(NEW, tmp_path / "missing")
    os.mkfifo(tmp_path / "pipe")
    for path in tmp_path, tmp_path / "pipe":
        with pytest.raises(OSError, match="is not a regular file"):
            pack(NEW, path)
    monkeypatch.setattr(references, "MAX_REFERENCE", 100)
    (tmp_path / "large").write_bytes(bytes(101))
    with pytest.raises(OSError, match="at most"):
        nzip.decompress(b"", ref=tmp_path / "large")


# Runs


def test_blocks_share_a_run_unless_told_otherwise(ref):
    options = EncodeOptions(level=1, ref=ref, block_size=10_000)
    assert resolve_encoding(options).solid == 256 << 20
    assert resolve_encoding(EncodeOptions(ref=ref, solid=1 << 31)).solid == (1 << 31) - len(OLD)
    assert pickle.loads(pickle.dumps(options)) == options
    packed = pack(NEW, ref, block_size=10_000)
    headers = [block.header for block in nzip.info(io.BytesIO(packed)).streams[0].blocks]
    assert [header.continues for header in headers] == [False] + [True] * 4
    assert {reference_of(header.coding).size for header in headers} == {len(OLD)}


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("lanes", [1, 3])
def test_runs_threads_and_lanes(ref, threads, lanes):
    packed = pack(NEW, ref, block_size=5000, solid=10_000, lanes=lanes, verify=True)
    assert nzip.decompress(packed, ref=ref, threads=threads) == NEW
    assert len(packed) < 4000


def test_seeking(ref):
    packed = pack(NEW, ref, block_size=5000, solid=10_000)
    with nzip.open(io.BytesIO(packed), ref=ref) as file:
        for at in 31_000, 12_000, 12_500, 0, 44_000:
            file.seek(at)
            assert file.read(100) == NEW[at : at + 100]


def test_pieces(ref):
    packed = pack(NEW, ref)
    decompressor = nzip.NzipDecompressor(ref=ref)
    assert (
        b"".join(decompressor.decompress(packed[at : at + 100]) for at in range(0, len(packed), 100)) == NEW
    )


def test_streams_of_different_references(ref, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(NEW)
    packed = pack(NEW, ref) + nzip.compress(b"no reference") + pack(OLD, other)
    resources = Resources()
    for path in ref, other:
        resources.add_reference(path)
    decoding = replace(resolve_decoding(), resources=resources)
    restored = io.BytesIO()
    decompress_stream(io.BytesIO(packed), restored, decoding)
    assert restored.getvalue() == NEW + b"no reference" + OLD


# Damage, limits


def test_truncated_and_damaged(ref):
    packed = pack(NEW, ref, block_size=20_000)
    for end in 5, 40, len(packed) // 2, len(packed) - 1:
        with pytest.raises(nzip.NzipTruncatedError):
            nzip.decompress(packed[:end], ref=ref)
    for at in range(8, len(packed), len(packed) // 15):
        with pytest.raises(nzip.NzipError):
            nzip.decompress(packed[:at] + bytes([packed[at] ^ 8]) + packed[at + 1 :], ref=ref)


def test_salvage(ref):
    packed = pack(NEW, ref, block_size=10_000, solid=20_000)
    first = nzip.info(io.BytesIO(packed)).streams[0].blocks[0]
    at = first.offset + first.size - 5
    damaged = io.BytesIO(packed[:at] + bytes([packed[at] ^ 8]) + packed[at + 1 :])
    out = io.BytesIO()
    report = salvage_stream(damaged, out, DecodeOptions(ref=ref))
    assert out.getvalue() == NEW[20_000:]
    assert report.blocks == 3
    damaged.seek(0)
    with pytest.raises(nzip.NzipModelError, match="is not here"):
        salvage_stream(damaged, io.BytesIO())


def test_the_memory_limit_counts_the_reference(ref):
    limit = memory_needed(EncodeOptions(level=1, solid=1 << 20), len(NEW))
    assert memory_needed(EncodeOptions(level=1, ref=ref), len(NEW)) >= limit + 2 * len(OLD)
    with pytest.raises(nzip.NzipMemoryError):
        pack(NEW, ref, memory_limit=limit)
    packed = pack(NEW, ref)
    with pytest.raises(nzip.NzipMemoryError) as caught:
        nzip.decompress(packed, ref=ref, memory_limit=100_000)
    assert nzip.decompress(packed, ref=ref, memory_limit=caught.value.needed) == NEW


def test_a_reference_that_does_not_fit_the_memory_is_not_read(ref, monkeypatch):
    packed = pack(NEW, ref)

    def fail(_path):
        raise AssertionError("it was read")

    monkeypatch.setattr(references, "_read", fail)
    with pytest.raises(nzip.NzipMemoryError):
        pack(NEW, ref, memory_limit=1 << 20)
    with pytest.raises(nzip.NzipMemoryError):
        nzip.decompress(packed, ref=ref, memory_limit=len(OLD) - 1)


def test_progress_while_a_reference_is_learned(ref, monkeypatch):
    monkeypatch.setattr("nzip.tasks.POLL_SECONDS", 0.001)
    ref.write_bytes(words(200_000))
    options = EncodeOptions(level=1, ref=ref, threads=1)
    seen, coded = [], io.BytesIO()
    compress_stream(io.BytesIO(NEW), coded, options, progress=lambda plain, _: seen.append(plain))
    while_learning = [plain for plain in seen if 0 < plain < len(NEW) // 2]
    assert while_learning
    assert seen == sorted(seen)
    assert seen[-1] == len(NEW)
    seen.clear()
    coded.seek(0)
    decompress_stream(coded, None, DecodeOptions(ref=ref), progress=lambda plain, _: seen.append(plain))
    assert any(0 < plain < len(NEW) // 2 for plain in seen)


# The header


def test_compressed_data_are_predicted_when_a_reference_may_hold_them():
    packed = noise(1 << 18)
    assert {segment.kind for segment in find_segments(packed)} == {SegmentKind.PACKED}
    assert {segment.kind for segment in find_segments(packed, passes=False)} == {SegmentKind.BINARY}


def named(model=bytes(16), parameters=b"\x64\x01\x00\x00", count=1):
    return Coding(1, 1, 1, 16, one_segment(100), experts=(Expert(2, model, parameters),) * count)


def test_the_header_names_the_reference():
    reference = Reference(bytes(16), 100, one_segment(100))
    assert reference_of(named()) == reference
    assert named().experts == (reference.expert(),)
    assert reference_of(named(count=0)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"model": 1},
        {"count": 2},
        {"parameters": b""},
        {"parameters": b"\x64"},
        {"parameters": b"\x64\x01\x00"},
        {"parameters": b"\x64\x01\x00\x00\x00"},
        {"parameters": b"\x00\x01\x00\x00"},
        {"parameters": b"\x64\x02\x00\x00\x64\x00\x00"},
        {"parameters": b"\xff\xff\xff\xff\x7f\x01\x00\x00"},
    ],
)
def test_references_that_break_a_rule(fields):
    with pytest.raises(nzip.NzipFormatError):
        reference_of(named(**fields))


def forged(packed, **fields):
    """A stream whose block names its reference with other fields."""
    header = nzip.info(io.BytesIO(packed)).streams[0].blocks[0].header
    reference = reference_of(header.coding)._replace(**fields)
    header = replace(header, coding=replace(header.coding, experts=(reference.expert(),)))
    return StreamHeader().encode() + header.encode() + bytes(header.coded_size)


def test_headers_that_do_not_fit_the_reference(ref):
    packed = pack(NEW, ref)
    with pytest.raises(nzip.NzipFormatError, match="a reference has 45000 bytes, not 9"):
        nzip.decompress(forged(packed, size=9, segments=one_segment(9)), ref=ref)
    with pytest.raises(nzip.NzipVersionError, match="segment kind 99 is not known"):
        nzip.decompress(forged(packed, segments=(Segment(99, 0, len(OLD)),)), ref=ref)


def test_learning_is_coding_with_the_output_thrown_away():
    text = words(5000)
    segments = one_segment(len(text))
    learned, coded = (ENGINE.engine(1, 18) for _ in range(2))
    learned.learn(text, segments)
    coded.encode(text, 1, segments)
    again = learned.encode(text, 1, segments)
    assert again == coded.encode(text, 1, segments)
    with pytest.raises(ValueError, match="segment"):
        learned.learn(text, [(0, 0, 1)])


@pytest.mark.parametrize("profile", [1, 2, 3, 4])
def test_the_start_of_a_reference_is_found_however_small_the_tables(profile):
    reference = noise(60_000)
    engine = ENGINE.engine(profile, 16)
    engine.learn(reference, one_segment(len(reference)))
    assert len(engine.encode(reference[:3000], 1, one_segment(3000))) < 300


@pytest.mark.parametrize("profile", [1, 2, 3, 4])
def test_engine_memory_covers_a_reference(profile):
    base = ENGINE.memory(profile, 20, 1000, 1)
    assert ENGINE.memory(profile, 20, 1000, 1, 1 << 24) >= base + (3 << 24) - (1 << 20)
