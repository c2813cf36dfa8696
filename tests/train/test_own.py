"""What a prime and a start of one's own are made of."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from support.engines import ENGINE

import nzip
from nzip.format.block import BlockHeader, Coding, one_segment
from nzip.models import nzp
from nzip.pipeline import EncodeOptions, resolve_encoding
from nzip.pipeline.coding import RunDecoder
from nzip.resources.resources import Resources
from nzip.train import own
from nzip.train.choosing import split


def test_the_prime_says_what_documents_share():
    source = random.Random(1)
    unique = [bytes(source.choices(range(97, 123), k=300)) for _ in range(20)]
    shared = b"What every document says, in these very words, again and again. " * 3
    text = own.choose_text([each + b"\n" + shared for each in unique] + [shared], 250)
    assert text == shared
    assert own.choose_text(unique, 0) == b""
    assert len(own.choose_text(unique, 1000)) == 300 * 3 + 2  # of pieces that are worth nothing, too


def test_zero_bytes_part_what_follows():
    assert sorted(own.choose_text([b"one\0two\0\0", b"three"], 100).split(b"\0")) == [
        b"one",
        b"three",
        b"two",
    ]


def test_pieces_end_where_lines_do():
    text = b"".join(b"line %d\n" % i for i in range(1000)) + b"x" * 500
    pieces = list(split(text, 100))
    assert b"".join(pieces) == text
    assert all(len(piece) <= 100 for piece in pieces)
    assert all(piece.endswith(b"\n") for piece in pieces[:70])


def test_large_samples_are_read_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(own, "MOST_READ", 4 * own.PART)
    path = tmp_path / "large"
    path.write_bytes(b"".join(b"%06d\n" % i for i in range(8 * own.PART // 7)))
    documents = own.read_samples([(str(path), path.stat().st_size)])
    assert 3 * own.PART < sum(map(len, documents)) <= 4 * own.PART
    assert max(map(len, documents)) <= own.DOCUMENT_BYTES


@pytest.fixture(scope="module")
def profile() -> nzp.Profile:
    parts = resolve_encoding(EncodeOptions(level=1, prime="none")).components
    return own.own_profile(
        parts, [b"A sample, number %d, of the same kind.\n" % i for i in range(30)], 2000, print
    )


def test_the_file(profile):
    data = profile.serialize()
    assert nzp.parse(data) == profile
    assert (profile.component_set, profile.network) == (1, "none")
    assert 0 < len(profile.text) <= 2000
    for text, message in (0, "header promises"), (True, "header promises"), (len(data), "header promises"):
        header = {"card": {}, "component_set": 1, "engine_revision": 1, "network": "none", "text": text}
        with pytest.raises(nzip.NzipModelError, match=message):
            nzp.parse(nzp.frame.join(nzp.MAGIC, header, b"state and text"))
    with pytest.raises(nzip.NzipModelError, match="start in a profile has 0 bytes"):
        nzp.parse(nzp.frame.join(nzp.MAGIC, header | {"text": 5}, b"12345"))
    with pytest.raises(nzip.NzipModelError, match="bytes of text"):
        replace(profile, text=bytes((16 << 20) + 1))


def test_all_of_the_library_takes_it(profile, tmp_path):
    path, plain = tmp_path / "any name", b"A sample, number 31, of the same kind.\n"
    path.write_bytes(profile.serialize())
    packed = nzip.compress(plain, 1, prime=path)
    assert len(packed) < len(nzip.compress(plain, 1))
    assert nzip.decompress(packed, prime=path) == plain
    compressor = nzip.NzipCompressor(1, prime=path)
    assert compressor.compress(plain) + compressor.flush() == packed


def test_a_block_has_one_prime_only(profile, tmp_path):
    (tmp_path / "own").write_bytes(profile.serialize())
    resources = Resources()
    component = resources.add_prime(tmp_path / "own").profile
    for fields, message in ({"prime": 1, "table_log2": 26}, "another one"), ({"table_log2": 25}, "too small"):
        coding = Coding(1, ENGINE.revision, component, **{"segments": one_segment(100), **fields})
        with pytest.raises(nzip.NzipFormatError, match=message):
            RunDecoder(resources).admit(BlockHeader(100, 0, 10, coding), 1 << 40)
