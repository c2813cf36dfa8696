"""Reading by seeking accepts no file that is refused in order; the places of blocks take little memory."""

from __future__ import annotations

import io
import tracemalloc
from itertools import pairwise

import pytest
from support.samples import TEXT, noise

import nzip
from nzip.format.locate import BlockMap, locate_blocks
from nzip.format.record import encode_record

METADATA = nzip.Metadata(b"name.txt", 0o644, 1_700_000_000_000_000_000, ((b"key", b"value"),))
SKIPPED = encode_record(0xF0, b"what nobody knows")
PLAIN = TEXT[:900] + noise(300)


def coded(plain: bytes, **options) -> bytes:
    out = io.BytesIO()
    nzip.pipeline.compress_stream(io.BytesIO(plain), out, nzip.EncodeOptions(1, **options), metadata=METADATA)
    return out.getvalue()


BLOCKS = coded(PLAIN, block_size=300)
SOLID = coded(PLAIN, block_size=300, solid=600)
FILES = {"blocks": BLOCKS, "solid": SOLID, "streams": BLOCKS + SOLID}


def by_seeking(data: bytes) -> list[bytes]:
    """All blocks, the last one first."""
    with nzip.open(io.BytesIO(data)) as file:
        size = file.seek(0, io.SEEK_END)
        if size > 1 << 16:
            raise nzip.NzipFormatError("more than was ever there")
        pieces = []
        for start in reversed(range(0, size, 100)):
            file.seek(start)
            pieces.append(file.read(min(100, size - start)))
        return pieces[::-1]


def mutants(data: bytes):
    for position in range(len(data)):
        for bit in 0, 6:
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            yield bytes(changed)
    places = range(0, len(data), 7)
    yield from (data[:at] + data[at + 1 :] for at in places)
    yield from (data[:at] + b"\0" + data[at:] for at in places)
    blocks = nzip.info(io.BytesIO(data)).streams[0].blocks
    for first, second in pairwise(blocks):
        a = data[first.offset : first.offset + first.size]
        b = data[second.offset : second.offset + second.size]
        head, tail = data[: first.offset], data[second.offset + second.size :]
        yield head + b + a + tail  # swapped
        yield head + a + a + tail  # repeated
        yield head + a + SKIPPED + b + tail


@pytest.mark.parametrize("name", FILES)
def test_what_is_accepted_by_seeking_is_accepted_in_order(name):
    accepted = 0
    for mutant in mutants(FILES[name]):
        try:
            plain = b"".join(by_seeking(mutant))
        except nzip.NzipError:
            continue
        assert nzip.decompress(mutant) == plain
        accepted += 1
    assert accepted < 10


def test_the_intact_file_is_accepted():
    for data in FILES.values():
        assert b"".join(by_seeking(data)) == nzip.decompress(data)


def test_an_archive_gives_its_members_whatever_lies_between_them():
    """Each is checked by itself: a damaged note is no reason to give up what is intact."""
    from nzip.archive import Archive, create

    out = io.BytesIO()
    create(
        out, ["tests/support/samples.py", "tests/support/waiting.py"], nzip.EncodeOptions(1, block_size=300)
    )
    blocks = nzip.info(io.BytesIO(out.getvalue())).streams[0].blocks
    damaged = bytearray(out.getvalue())
    damaged[blocks[1].offset + 5] ^= 1
    with Archive(io.BytesIO(damaged)) as archive:
        read = []
        for member in archive:
            try:
                read.append(archive.read(member))
            except nzip.NzipError:
                continue
    assert len(read) == 1


def many_streams(count: int) -> bytes:
    return nzip.compress(b"x", 1) * count


def peak(work) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_many_streams_take_little_memory():
    data = many_streams(5_000)
    assert peak(lambda: locate_blocks(io.BytesIO(data))) < 2 * len(data)

    def seek():
        with nzip.open(io.BytesIO(data)) as file:
            file.seek(-1, io.SEEK_END)
            assert file.read() == b"x"

    assert peak(seek) < 3 * len(data)


def test_many_blocks_in_an_index_take_little_memory():
    blocks = 8_000
    data = coded(b"x" * blocks, block_size=1)
    assert peak(lambda: locate_blocks(io.BytesIO(data))) < 2 * len(data)


def test_memory_limits_are_heeded_before_the_memory_is_taken():
    data = many_streams(5_000)
    with nzip.open(io.BytesIO(data), memory_limit=100_000) as file, pytest.raises(nzip.NzipMemoryError):
        file.seek(0, io.SEEK_END)

    def describe():
        with pytest.raises(nzip.NzipMemoryError):
            nzip.info(io.BytesIO(data), memory_limit=1_000_000)

    assert peak(describe) < 1_500_000
    small = nzip.info(io.BytesIO(many_streams(100)), memory_limit=1_000_000)
    assert len(small.streams) == 100


def test_the_map_of_blocks():
    found = BlockMap()
    assert (len(found), found.plain_size, found.coded_end, found.block_at(0)) == (0, 0, None, 0)
    found.add(10, 20, 5, False)
    found.add(30, 25, 7, True)
    assert [found[0], found[1]] == [(10, 20, 0, 5, False), (30, 25, 5, 7, True)]
    assert [found.block_at(at) for at in (0, 4, 5, 11, 12)] == [0, 0, 1, 1, 2]
    assert (found.plain_size, found.coded_end) == (12, 55)
