"""Every intact block is restored, and what is lost is told."""

import dataclasses
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import TEXT, noise

import nzip
from nzip.format import damaged, record
from nzip.format.block import BlockHeader, Coding, one_segment
from nzip.format.checksum import checksum64
from nzip.format.record import encode_record
from nzip.pipeline import LostRange, salvage, salvage_stream
from nzip.pipeline.coding import RunDecoder

PARTS = [noise(50, number).hex().encode() for number in range(10)]  # pays to code, but has no easy part
DATA = b"".join(PARTS)
CODED = nzip.compress(DATA, level=1, block_size=100)
BLOCKS = nzip.info(io.BytesIO(CODED)).streams[0].blocks


def salvaged(data):
    restored = io.BytesIO()
    report = salvage_stream(io.BytesIO(data), restored)
    assert report.recovered == len(restored.getvalue())
    return restored.getvalue(), report


def without(*numbers):
    return b"".join(part for number, part in enumerate(PARTS) if number not in numbers)


def span(number):
    return BLOCKS[number].offset, BLOCKS[number].offset + BLOCKS[number].size


@pytest.mark.parametrize(
    "data", [CODED, CODED + CODED, nzip.compress(b""), nzip.compress(TEXT), nzip.compress(b"") * 3]
)
def test_nothing_is_lost_from_an_intact_file(data):
    restored, report = salvaged(data)
    assert restored == nzip.decompress(data)
    assert report.lost == []


def test_a_damaged_payload():
    start, end = span(4)
    damaged = bytearray(CODED)
    damaged[end - 5] ^= 1
    restored, report = salvaged(damaged)
    assert restored == without(4)
    assert report.blocks == 9
    assert report.lost == [LostRange(start, end, 400, 100)]


def test_a_damaged_header():
    start, end = span(4)
    damaged = bytearray(CODED)
    damaged[start + 6] ^= 1
    restored, report = salvaged(damaged)
    assert restored == without(4)
    assert report.lost == [LostRange(start, end, 400, None)]


def test_a_damaged_stream_header():
    damaged = b"X" + CODED[1:]
    restored, report = salvaged(damaged)
    assert restored == DATA
    assert report.lost == [LostRange(0, BLOCKS[0].offset, 0, None)]


def test_missing_bytes():
    start, end = span(4)
    restored, report = salvaged(CODED[: end - 10] + CODED[end:])
    assert restored == without(4)
    assert report.lost == [LostRange(start, end - 10, 400, None)]


def test_added_bytes():
    start, end = span(4)
    restored, report = salvaged(CODED[: end - 10] + noise(50) + CODED[end - 10 :])
    assert restored == without(4)
    assert report.lost == [LostRange(start, end + 50, 400, None)]


def test_a_dropped_block():
    start, end = span(4)
    restored, report = salvaged(CODED[:start] + CODED[end:])
    assert restored == without(4)
    assert [(lost.plain_start, lost.plain_size) for lost in report.lost] == [(900, 100)]


@pytest.mark.parametrize("number", range(10))
def test_truncation(number):
    start, end = span(number)
    restored, report = salvaged(CODED[:start])
    assert restored == DATA[: 100 * number]
    assert report.lost == [LostRange(start, start, 100 * number, None)]
    restored, report = salvaged(CODED[: end - 1])
    assert restored == DATA[: 100 * number]
    assert report.lost[0] == LostRange(start, end - 1, 100 * number, None)


def test_garbage_between_streams():
    restored, report = salvaged(noise(1000) + CODED + noise(500, 1) + CODED + noise(100, 2))
    assert restored == DATA * 2
    assert [(lost.coded_start, lost.coded_end) for lost in report.lost] == [
        (0, 1000),
        (1000 + len(CODED), 1500 + len(CODED)),
        (1500 + 2 * len(CODED), 1600 + 2 * len(CODED)),
    ]


def test_the_next_stream_is_placed_by_the_end_of_the_one_before():
    damaged = bytearray(CODED + CODED)
    damaged[span(2)[0] + 5] ^= 1
    damaged[len(CODED) + span(3)[1] - 3] ^= 1
    _, report = salvaged(damaged)
    assert [(lost.plain_start, lost.plain_size) for lost in report.lost] == [(200, None), (1300, 100)]


@pytest.mark.parametrize("data", [b"", b"\x9e", noise(5000), TEXT])
def test_nothing_to_restore(data):
    restored, report = salvaged(data)
    assert restored == b""
    assert [(lost.coded_start, lost.coded_end) for lost in report.lost] == [(0, len(data))]


def test_a_run_is_lost_from_the_damage_on():
    coded = nzip.compress(DATA, level=1, block_size=100, solid=500)
    blocks = nzip.info(io.BytesIO(coded)).streams[0].blocks
    damaged = bytearray(coded)
    damaged[blocks[3].offset + blocks[3].size - 3] ^= 1
    restored, report = salvaged(damaged)
    assert restored == without(3, 4)
    assert [lost.plain_start for lost in report.lost] == [300, 400]
    damaged = bytearray(coded)
    damaged[blocks[5].offset + 4] ^= 1
    assert salvaged(damaged)[0] == without(5, 6, 7, 8, 9)


def test_limits_and_unknown_things_are_no_damage():
    with pytest.raises(nzip.NzipMemoryError):
        salvage_stream(io.BytesIO(CODED), io.BytesIO(), nzip.DecodeOptions(memory_limit=100))


def stored(plain):
    return BlockHeader(len(plain), checksum64(plain), len(plain), None).encode() + plain


@pytest.mark.parametrize(
    ("block", "size", "reason"),
    [
        (BlockHeader(100, 1, 10, Coding(1, 77, 3, 16, one_segment(100))).encode(), 100, "revision .*not 77"),
        (BlockHeader(100, 1, 10, Coding(1, 1, 1, 34, one_segment(100))).encode(), 100, "bytes of memory"),
        (BlockHeader(1 << 30, 1, 1 << 30, None).encode(), None, "bytes of memory"),
        (encode_record(1, bytes([100, *bytes(8), 1, 1, 1, 16, 128])), None, "block flag 7"),
    ],
)
def test_blocks_after_one_that_is_refused(block, size, reason):
    data = CODED[:8] + stored(b"before") + block + bytes(10) + stored(b"after")
    restored = io.BytesIO()
    report = salvage_stream(io.BytesIO(data), restored, nzip.DecodeOptions(memory_limit=1 << 20))
    assert restored.getvalue() == b"beforeafter"
    lost = report.lost[0]
    assert (lost.coded_start, lost.coded_end) == (8 + 23, len(data) - 22)
    assert (lost.plain_start, lost.plain_size) == (6, size)
    assert re.search(reason, lost.reason)


@pytest.mark.parametrize(
    "change", [{"lanes": 2}, {"profile": 2}, {"table_log2": 17}, {"prime": 1}, {"keeps": False}]
)
def test_a_run_has_one_engine(change):
    """Also where nobody reads the stream as a whole."""
    coded = nzip.compress(DATA, level=1, block_size=100, solid=500)
    first, second = (block.header for block in nzip.info(io.BytesIO(coded)).streams[0].blocks[:2])
    other = dataclasses.replace(second, coding=dataclasses.replace(second.coding, **change))
    if "keeps" in change:
        first, other = dataclasses.replace(first, coding=dataclasses.replace(first.coding, **change)), second
    run = RunDecoder()
    run.admit(first, 1 << 30)
    with pytest.raises(nzip.NzipError):
        run.admit(other, 1 << 30)


def test_a_run_has_a_limit():
    coding = Coding(1, 1, 1, 16, one_segment(1 << 30), keeps=True)
    run = RunDecoder()
    run.admit(BlockHeader(1 << 30, 0, 5, coding), 1 << 40)
    more = BlockHeader(1 << 30, 0, 5, dataclasses.replace(coding, continues=True))
    run.admit(more, 1 << 40)
    with pytest.raises(nzip.NzipFormatError, match="2147483648"):
        run.admit(more, 1 << 40)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, len(CODED)), st.integers(0, 200), st.binary(max_size=40))
def test_any_damage_costs_only_what_it_touches(start, size, replacement):
    restored, report = salvaged(CODED[:start] + replacement + CODED[start + size :])
    touched = [number for number in range(10) if span(number)[0] < start + size and start < span(number)[1]]
    if replacement:  # at a boundary these bytes are between blocks
        touched += [number for number in range(10) if span(number)[0] < start < span(number)[1]]
    assert report.lost or restored == DATA
    kept = [part for number, part in enumerate(PARTS) if number not in touched]
    position = 0
    for part in kept:
        position = restored.index(part, position) + len(part)


def test_records_that_are_none_cost_no_more_than_in_proportion(monkeypatch):
    """Every fifth byte announces a body of 2^24 bytes."""
    monkeypatch.setattr(damaged, "SPARE_BYTES", 1 << 20)
    checked = []
    monkeypatch.setattr(record, "check32", lambda data: checked.append(len(data)) or b"")
    data = b"\x9e\x01\x80\x80\x04" * 100_000  # 2^16 here, so that the bodies end inside the file
    restored, _ = salvaged(data)
    assert restored == b""
    assert 0 < sum(checked) < (1 << 20) + (1 << 16) + damaged.BYTES_IN_VAIN * len(data)


def test_an_intact_block_among_records_that_are_none(monkeypatch):
    monkeypatch.setattr(damaged, "SPARE_BYTES", 0)
    fake = b"\x9e\x01\xff\xff\x07" * 1000
    assert salvaged(fake + CODED + fake)[0] == DATA


@pytest.mark.parametrize("padding", [1 << 21, 0])
def test_blocks_that_claim_one_another_cost_no_more_than_in_proportion(monkeypatch, padding):
    """Every header is intact and claims 2^20 bytes; with no padding, more than there are."""
    monkeypatch.setattr(salvage, "SPARE_BYTES", 1 << 22)
    decoded = []
    original = RunDecoder.decode

    def decode(run, header, payload, *gauge):
        decoded.append(len(payload))
        return original(run, header, payload, *gauge)

    monkeypatch.setattr(RunDecoder, "decode", decode)
    data = BlockHeader(1 << 20, 0, 1 << 20, None).encode() * 20_000 + bytes(padding) + CODED
    assert salvaged(data)[0] == DATA
    assert sum(decoded) < (1 << 22) + (1 << 20) + (salvage.BYTES_IN_VAIN + 2) * len(data)
    assert (sum(decoded) > 1 << 22) == (padding > 0)
