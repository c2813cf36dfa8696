"""A codec is added by a file of its own, a row of the table and a number in the registry."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from support.samples import TEXT, noise, words

import nzip
from nzip.codecs import table
from nzip.codecs.contract import Candidate, Codec, Cost, DecodingRun, EncodingRun
from nzip.format.block import Coding
from nzip.format.checksum import checksum64
from nzip.format.header import StreamHeader
from nzip.pipeline import EncodeOptions, decompress_stream, memory_needed, salvage_stream, threads_for
from nzip.pipeline.cost import decoding_cost

ENGINE, REVISION = 77, 3
MARK = b"<to be remembered>"
MEMORY = 50_000_000

_remembered: dict[bytes, bytes] = {}


class Remembering(Codec):
    """Codes nothing: it remembers what it was given, by a checksum."""

    engine = ENGINE

    def __init__(self, revision=REVISION):
        self.revision = revision

    def candidates(self, options, resources, memory_limit, own_prime):
        return (_Candidate(self.revision),)

    def open(self, header, resources):
        return _Decoding()

    def cost(self, header, run_size):
        return Cost(1000.0, MEMORY)


class _Candidate(Candidate):
    def __init__(self, revision):
        self._revision = revision

    @property
    def threads(self):
        return 1

    def accepts(self, block):
        return bytes(block.data[: len(MARK)]) == MARK

    def start(self, run_size, gauge, helpers):
        return _Encoding(self._revision)

    def memory(self, run_size, most):
        return MEMORY

    def may_have_made(self, coding, run_size):
        return coding.engine == ENGINE

    def get_ready(self):
        pass


class _Encoding(EncodingRun):
    def __init__(self, revision):
        self._revision = revision

    def encode(self, block, gauge, *, continues, keeps):
        payload = checksum64(block.data).to_bytes(8, "little")
        _remembered[payload] = bytes(block.data)
        coding = Coding(ENGINE, self._revision, 0, 16, block.segments, transforms=block.steps)
        return coding, payload


class _Decoding(DecodingRun):
    def check(self, header):
        pass

    def memory(self, header, run_size):
        return MEMORY

    def decode(self, header, payload, gauge, helpers):
        if payload not in _remembered:
            raise ValueError("nobody remembers it")
        return _remembered[payload]


@pytest.fixture
def _codec(monkeypatch):
    monkeypatch.setitem(table.CODECS, (ENGINE, REVISION), Remembering())


def headers(coded: bytes):
    return [block.header for block in nzip.info(io.BytesIO(coded)).streams[0].blocks]


FIRST = MARK + noise(6000)
OTHER = words(6000 + len(MARK))
OPTIONS = {"level": 1, "block_size": len(FIRST)}


@pytest.mark.usefixtures("_codec")
@pytest.mark.parametrize("options", [{}, {"threads": 3}, {"verify": True}])
def test_blocks_go_to_the_codec_that_makes_them_smallest(options, monkeypatch):
    plain = FIRST + OTHER + MARK + TEXT
    coded = nzip.compress(plain, **OPTIONS, **options)
    assert [header.coding.engine for header in headers(coded)] == [ENGINE, 1, ENGINE]
    assert [header.coded_size for header in headers(coded)][::2] == [8, 8]
    assert nzip.decompress(coded) == plain
    with nzip.open(io.BytesIO(coded)) as file:
        file.seek(len(FIRST) + 77)
        assert file.read(50) == plain[len(FIRST) + 77 :][:50]
    monkeypatch.undo()
    with pytest.raises(nzip.NzipVersionError, match="engine 77 is not known"):
        nzip.decompress(coded)


@pytest.mark.usefixtures("_codec")
def test_what_is_asked_of_it():
    options = EncodeOptions(**OPTIONS)
    needed = memory_needed(replace(options, threads=1), len(FIRST))
    assert needed > MEMORY
    assert threads_for(replace(options, threads=5, memory_limit=3 * needed), 9 * len(FIRST)) == 3
    (header,) = headers(coded := nzip.compress(FIRST, **OPTIONS))
    with pytest.raises(nzip.NzipMemoryError) as caught:
        nzip.decompress(coded, memory_limit=MEMORY - 1)
    assert caught.value.needed > MEMORY
    assert decoding_cost([header]).seconds > 1000


@pytest.mark.usefixtures("_codec")
def test_salvage_restores_what_others_coded():
    coded = bytearray(nzip.compress(FIRST + OTHER, **OPTIONS))
    first = nzip.info(io.BytesIO(coded)).streams[0].blocks[0]
    coded[first.offset + first.size - 1] ^= 1
    out = io.BytesIO()
    assert len(salvage_stream(io.BytesIO(coded), out).lost) == 1
    assert out.getvalue() == OTHER
    with pytest.raises(nzip.NzipChecksumError, match="nobody remembers it"):
        decompress_stream(io.BytesIO(coded), None)


@pytest.mark.usefixtures("_codec")
def test_runs_of_several_blocks_are_of_one_codec():
    coded = nzip.compress(FIRST + OTHER, **OPTIONS, solid=1 << 20)
    assert {header.codec for header in headers(coded)} <= {(1, 1), (0, 0)}
    assert nzip.decompress(coded) == FIRST + OTHER


@pytest.mark.usefixtures("_codec")
def test_two_revisions_side_by_side(monkeypatch):
    coded = nzip.compress(FIRST, **OPTIONS)
    (header,) = headers(coded)
    newer = replace(header, coding=replace(header.coding, revision=4))
    stream = StreamHeader().encode() + newer.encode() + coded[-10:]
    with pytest.raises(nzip.NzipVersionError, match="engine 77 is known in revision 3, not 4"):
        nzip.decompress(stream)
    monkeypatch.setitem(table.CODECS, (ENGINE, 4), Remembering(4))
    assert nzip.decompress(coded) == nzip.decompress(stream) == FIRST
