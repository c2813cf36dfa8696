"""Primes that are in the archive itself."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from support.member_tables import FAST
from support.samples import noise, words
from support.trees import make_tree

import nzip
from nzip.archive import Archive, append, check, create
from nzip.format import prime as prime_format
from nzip.format.block import Expert
from nzip.format.cursor import Cursor
from nzip.format.header import StreamHeader
from nzip.format.prime import StoredPrime, parse_prime
from nzip.format.record import encode_record, parse_record
from nzip.format.registry import RecordType
from nzip.pipeline import own_primes, salvage_stream
from nzip.pipeline.own_primes import make_own_prime, read_own_prime
from nzip.resources.resources import Resources

TEXT = words(6000)
FILES = {f"{number}.txt": words(9000)[number * 300 :][:2000] for number in range(20)}
OPTIONS = replace(FAST, prime=None)


@pytest.fixture
def root(tmp_path):
    return make_tree(tmp_path / "files", FILES)


@pytest.fixture
def packed(root):
    file = io.BytesIO()
    create(file, ["."], OPTIONS, folder=str(root), own_prime=make_own_prime(TEXT, OPTIONS))
    return file.getvalue()


def record_of(packed):
    """The prime's record in an archive, and what is around it."""
    start = len(StreamHeader().encode())
    cursor = Cursor(packed, start)
    record = parse_record(cursor, packed)
    assert record.type == RecordType.PRIME
    return packed[:start], record.body, packed[cursor.position :]


def test_every_way_to_read_it(packed, root):
    plain = io.BytesIO()
    create(plain, ["."], FAST, folder=str(root))
    blocks = [block.header for block in nzip.info(io.BytesIO(packed)).streams[0].blocks]
    assert all(isinstance(header.coding.prime, bytes) for header in blocks)
    assert sum(header.coded_size for header in blocks) < 0.9 * len(plain.getvalue())
    with Archive(io.BytesIO(packed)) as archive:
        assert {member.path: archive.read(member) for member in archive if member.has_content} == FILES
        check(archive)
        contents = nzip.decompress(packed)
        assert contents == b"".join(archive.read(member) for member in archive if member.has_content)
    restored = io.BytesIO()
    assert salvage_stream(io.BytesIO(packed), restored).lost == []
    assert restored.getvalue() == contents
    with nzip.open(io.BytesIO(packed)) as file:
        file.seek(5000)
        assert file.read(10) == contents[5000:5010]


def test_it_is_known_to_its_archive_only(packed):
    with Archive(io.BytesIO(packed)) as archive:
        prime = archive.blocks.own_prime.prime
        assert archive.read("0.txt") == FILES["0.txt"]
        with pytest.raises(nzip.NzipModelError):
            Resources().prime(prime.component)
        assert Resources().for_file(prime).prime(prime.component) is prime


def test_a_forged_prime_is_of_no_consequence_to_others(packed, tmp_path, monkeypatch):
    """A hostile file that says that it has another one's prime is open while that one is read."""
    monkeypatch.setenv("NZIP_CACHE", str(tmp_path / "another"))  # what is in the cache is proven
    head, body, rest = record_of(packed)
    hostile = head + encode_record(RecordType.PRIME, body[:-9] + bytes(9)) + rest
    with Archive(io.BytesIO(hostile)) as archive, nzip.open(io.BytesIO(hostile)) as file:
        for read in lambda: archive.read("0.txt"), file.read:
            with pytest.raises(nzip.NzipError):
                read()
        nzip.decompress(packed)
        with Archive(io.BytesIO(packed)) as honest:
            assert honest.read("0.txt") == FILES["0.txt"]
        with nzip.open(io.BytesIO(packed)) as plain:
            plain.seek(5000)
            assert plain.read(10)
        assert salvage_stream(io.BytesIO(packed), io.BytesIO()).lost == []


def test_what_is_appended_starts_from_it_too(packed, root):
    make_tree(root, {"new.txt": words(9000)[777:3000]})
    longer = io.BytesIO()
    with Archive(io.BytesIO(packed)) as old:
        append(old, longer, ["new.txt"], OPTIONS, folder=str(root))
    with Archive(longer) as archive:
        assert archive.read("new.txt") == words(9000)[777:3000]
        assert archive.read("0.txt") == FILES["0.txt"]
    longer.seek(0)
    assert len({block.header.coding.prime for block in nzip.info(longer).streams[0].blocks}) == 1
    assert record_of(longer.getvalue())[1] == record_of(packed)[1]


def test_another_text_is_refused(packed):
    _, body, _ = record_of(packed)
    other = parse_record(Cursor(record := make_own_prime(noise(100) + TEXT, OPTIONS).record), record).body
    forged = body[: prime_format.DIGEST_SIZE] + other[prime_format.DIGEST_SIZE :]
    with pytest.raises(nzip.NzipChecksumError, match="not the one that it says"):
        read_own_prime(forged, 1 << 30).prime.text()


@pytest.fixture(autouse=True)
def _no_cache(tmp_path, monkeypatch):
    """Or the text would be taken for known."""
    monkeypatch.setenv("NZIP_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prime": 1}, "must do without"),
        ({"prime": bytes(16)}, "must do without"),
        ({"profile": bytes(16)}, "must do without"),
        ({"experts": (Expert(1, 1, b""),)}, "must do without"),
        ({"keeps": True}, "must do without"),
        ({"continues": True}, "must do without"),
    ],
)
def test_what_a_prime_must_do_without(packed, change, message):
    stored = parse_prime(record_of(packed)[1])
    header = replace(stored.header, coding=replace(stored.header.coding, **change))
    forged = stored._replace(header=header).encode()
    with pytest.raises(nzip.NzipFormatError, match=message):
        read_own_prime(parse_record(Cursor(forged), forged).body, 1 << 30)


def test_records_that_break_a_rule(packed, monkeypatch):
    head, body, rest = record_of(packed)
    record = encode_record(RecordType.PRIME, body)
    for forged in body[:-1], body + b"x", body[:40], b"":
        with pytest.raises(nzip.NzipFormatError, match="a prime"):
            parse_prime(forged)
    with pytest.raises(nzip.NzipFormatError, match="a second one"):
        nzip.decompress(head + record + record + rest)
    block = parse_record(cursor := Cursor(rest), rest)
    assert block.type == RecordType.BLOCK
    stored = nzip.compress(noise(50))
    behind = stored[:-2] + record + stored[-2:]
    with pytest.raises(nzip.NzipFormatError, match="not before the first block"):
        nzip.decompress(behind)
    assert cursor.position
    monkeypatch.setattr(prime_format, "MAX_PRIME", len(TEXT) - 1)
    with pytest.raises(nzip.NzipFormatError, match="at most"):
        nzip.decompress(packed)


def test_memory_is_checked_before_it_is_decoded(packed, monkeypatch):
    monkeypatch.setattr(own_primes.RunDecoder, "decode", None)
    with pytest.raises(nzip.NzipMemoryError):
        nzip.decompress(packed, memory_limit=1 << 20)
    with Archive(io.BytesIO(packed), memory_limit=1 << 20) as archive:
        assert len(archive) == len(FILES)  # the table needs no prime


def test_a_damaged_prime(packed):
    """What is not restored is told, and the text is never taken for a file's."""
    damaged = bytearray(packed)
    damaged[60] ^= 1
    with pytest.raises(nzip.NzipChecksumError):
        nzip.decompress(damaged)
    restored = io.BytesIO()
    with pytest.raises(nzip.NzipModelError, match="is not here"):
        salvage_stream(io.BytesIO(damaged), restored)
    assert restored.getvalue() == b""
    with Archive(io.BytesIO(damaged)) as archive, pytest.raises(nzip.NzipModelError, match="is not here"):
        archive.read("0.txt")


def test_a_prime_of_what_does_not_compress():
    own = make_own_prime(noise(200), OPTIONS)
    body = parse_record(Cursor(own.record), own.record).body
    assert parse_prime(body).header.coding is None
    assert read_own_prime(body, 1 << 20).prime.text() == noise(200)


def test_round_trip_of_the_record():
    stored = parse_prime(parse_record(Cursor(record := make_own_prime(TEXT, OPTIONS).record), record).body)
    assert isinstance(stored, StoredPrime)
    assert stored.encode() == record
