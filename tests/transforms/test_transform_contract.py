"""A transform is added by a file of its own, a row of the table and a number in the registry."""

from __future__ import annotations

import io

import pytest
from support.samples import noise, words

import nzip
from nzip.format.block import Segment, Step
from nzip.format.registry import SegmentKind, TransformId
from nzip.transforms import chain
from nzip.transforms.contract import Hint, Part, Plain, Transform

NUMBER = 77
MARK = b"<mark>"
HINT = Hint(SegmentKind.RECORDS, 12)


class Nothing(Transform[int]):
    """Changes nothing, knows what stands before a mark, and wants blocks to end behind one."""

    id = NUMBER

    def find(self, plain, stop):
        at = bytes(plain.data).find(MARK)
        return None if at < 0 or plain.tail.size else at

    def forward(self, plain, found, stop):
        return [Part(plain.data[:found], HINT), Part(plain.data[found:])]

    def inverse(self, data, size, stop):
        return data

    def max_size(self, size):
        return size + 5

    def memory(self, step):
        return 1000 * step.size_after

    def block_end(self, data):
        return bytes(data).find(MARK) + len(MARK) if MARK in data else 0


@pytest.fixture
def nothing(monkeypatch):
    monkeypatch.setattr(chain, "TRANSFORMS", [*chain.TRANSFORMS, Nothing()])


def headers(coded: bytes):
    return [block.header for block in nzip.info(io.BytesIO(coded)).streams[0].blocks]


@pytest.mark.usefixtures("nothing")
def test_a_block_goes_through_it(monkeypatch):
    plain = words(6000) + MARK
    coded = nzip.compress(plain, level=1)
    (header,) = headers(coded)
    assert header.coding.transforms == (Step(NUMBER, len(plain), len(plain)),)
    first, *_ = header.coding.segments
    assert first == Segment(*HINT, 6000)
    assert nzip.decompress(coded) == plain
    assert chain.max_size(1000, without={TransformId.UNPACK}) == 1000 * 3 // 2 + 64 + 5
    assert chain.memory(header.coding.transforms) == 1000 * len(plain)
    monkeypatch.undo()
    with pytest.raises(nzip.NzipVersionError, match="transform 77 is not known"):
        nzip.decompress(coded)


@pytest.mark.usefixtures("nothing")
def test_it_works_on_what_others_made():
    plain = bytes(1 << 18) + words(6000).decode(errors="ignore").encode("utf-16-le") + noise(9000) + MARK
    coded = nzip.compress(plain, level=1)
    (header,) = headers(coded)
    steps = header.coding.transforms
    assert [step.id for step in steps] == [TransformId.REPEATS, TransformId.UTF16, NUMBER]
    assert nzip.decompress(coded) == plain
    with pytest.raises(nzip.NzipVersionError, match="transforms 77, 1 in one block"):
        chain.require_known((Step(NUMBER, 9, 9), Step(TransformId.UTF16, 9, 9)))


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.usefixtures("nothing")
def test_blocks_end_where_it_asks_for(threads):
    plain = words(2000) + MARK + words(2500) + MARK + words(9000)
    options = {"level": 1, "threads": threads}
    coded = nzip.compress(plain, **options)
    ends = [2000 + len(MARK), 2500 + len(MARK), 9000]
    assert [header.plain_size for header in headers(coded)] == ends
    assert nzip.decompress(coded) == plain
    compressor = nzip.NzipCompressor(**options)
    pieces = [compressor.compress(plain[at : at + 777]) for at in range(0, len(plain), 777)]
    assert b"".join([*pieces, compressor.flush()]) == coded
    (whole,) = headers(nzip.compress(plain, **options, solid=1 << 20))
    assert whole.plain_size == len(plain)


@pytest.mark.parametrize("inverse", [lambda *_: b"something else", lambda *_: int("no number")])
@pytest.mark.usefixtures("nothing")
def test_what_is_not_restored_is_not_used(monkeypatch, inverse):
    monkeypatch.setattr(Nothing, "inverse", inverse)
    plain = words(6000) + MARK
    assert chain.transform(Plain(plain)) == chain.untransformed(plain)
