"""Whatever happens to a file, decoding ends in a clear error or in the exact original."""

import io
import itertools
import tracemalloc
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import TEXT, noise

import nzip
from nzip import pipeline
from nzip.format.block import BlockHeader, Coding, one_segment
from nzip.format.checksum import check16, checksum64
from nzip.format.fields import encode_varint
from nzip.format.header import StreamHeader
from nzip.format.record import END_ONE, encode_record
from nzip.format.registry import MAGIC

METADATA = nzip.Metadata(b"name.txt", 0o644, 1_700_000_000_000_000_000, ((b"key", b"value"),))


def stream(plain, metadata=None, **options):
    coded = io.BytesIO()
    pipeline.compress_stream(
        io.BytesIO(plain), coded, pipeline.EncodeOptions(level=1, threads=1, **options), metadata=metadata
    )
    return coded.getvalue()


# Together these hold every kind of record and block.
FILES = {
    "one block": (TEXT[:200], stream(TEXT[:200])),
    "stored": (noise(40), stream(noise(40))),
    "blocks": (TEXT[:300] + noise(40), stream(TEXT[:300] + noise(40), METADATA, block_size=100)),
    "solid": (TEXT[:300], stream(TEXT[:300], solid=200, block_size=100, lanes=2)),
    "streams": (TEXT[:60] * 2, stream(TEXT[:60]) + stream(TEXT[:60])),
    "empty": (b"", stream(b"")),
}


@pytest.fixture(params=FILES)
def file(request):
    return FILES[request.param]


def test_truncation_at_every_length(file):
    _, coded = file
    ends = set()  # where a stream ends, what is left is complete
    if coded == FILES["streams"][1]:
        ends = {len(coded) // 2}
    for size in set(range(len(coded))) - ends:
        with pytest.raises(nzip.NzipTruncatedError):
            nzip.decompress(coded[:size])
        with pytest.raises(EOFError):
            nzip.info(io.BytesIO(coded[:size]))


def test_every_flipped_bit(file):
    plain, coded = file
    for position in range(len(coded)):
        for bit in range(8):
            damaged = bytearray(coded)
            damaged[position] ^= 1 << bit
            with suppress(nzip.NzipError):
                assert nzip.decompress(damaged) == plain
            with suppress(nzip.NzipError):
                nzip.info(io.BytesIO(damaged))


def test_flipped_bits_are_found_before_plaintext_is_returned(file):
    """Incrementally: what was returned is always a beginning of the original."""
    plain, coded = file
    for position in range(len(coded)):
        damaged = bytearray(coded)
        damaged[position] ^= 0x10
        decompressor = nzip.NzipDecompressor()
        got = b""
        with suppress(nzip.NzipError):
            for start in range(0, len(damaged), 16):
                got += decompressor.decompress(damaged[start : start + 16])
                if decompressor.eof:
                    break
        assert plain.startswith(got)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_any_damage(data):
    plain, coded = FILES[data.draw(st.sampled_from(sorted(FILES)))]
    start = data.draw(st.integers(0, len(coded)))
    end = data.draw(st.integers(start, len(coded)))
    damaged = coded[:start] + data.draw(st.binary(max_size=30)) + coded[end:]
    for work in nzip.decompress, lambda changed: nzip.info(io.BytesIO(changed)):
        try:
            result = work(damaged)
        except nzip.NzipError:
            continue
        if isinstance(result, bytes):
            # A whole stream may be cut out of a file without a trace, a block may not.
            assert result in (plain, plain[: len(plain) // 2])


@given(st.binary(max_size=200))
def test_any_bytes(data):
    for prefix in b"", MAGIC, StreamHeader().encode():
        with pytest.raises(nzip.NzipError):
            nzip.decompress(prefix + data)


def test_nothing_is_not_a_stream():
    with pytest.raises(nzip.NzipTruncatedError, match="empty"):
        nzip.decompress(b"")
    with pytest.raises(nzip.NzipTruncatedError):
        nzip.info(io.BytesIO())
    with pytest.raises(EOFError):
        nzip.open(io.BytesIO()).read()


@pytest.mark.parametrize("more", [b"x", b"\x00" * 512, b"\x9enz\r\n", noise(300)])
def test_trailing_garbage(file, more):
    _, coded = file
    with pytest.raises(nzip.NzipFormatError, match="follow the last stream"):
        nzip.decompress(coded + more)
    with pytest.raises(nzip.NzipFormatError, match="follow the last stream"):
        nzip.info(io.BytesIO(coded + more))
    with pytest.raises(nzip.NzipFormatError, match="follow the last stream"):
        nzip.open(io.BytesIO(coded + more)).read()


def test_text_mode_transfers_are_noticed():
    coded = nzip.compress(TEXT)
    with pytest.raises(nzip.NzipFormatError):
        nzip.decompress(coded.replace(b"\n", b"\r\n"))
    with pytest.raises(nzip.NzipFormatError):
        nzip.decompress(bytes(byte & 0x7F for byte in coded))


def blocks_of(coded):
    """The header, the blocks and the rest of a file of one stream."""
    blocks = nzip.info(io.BytesIO(coded)).streams[0].blocks
    ends = [block.offset + block.size for block in blocks]
    pieces = [coded[block.offset : end] for block, end in zip(blocks, ends, strict=True)]
    return coded[: blocks[0].offset], pieces, coded[ends[-1] :]


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("order", [[0, 1], [1, 2], [0, 2, 1], [0, 1, 1, 2], [0, 1, 2, 2], [2, 1, 0], []])
def test_dropped_repeated_or_swapped_blocks(index, order):
    data = noise(30)
    head, blocks, rest = blocks_of(stream(data, block_size=10, index=index))
    assert nzip.decompress(head + b"".join(blocks) + rest) == data
    with pytest.raises((nzip.NzipFormatError, nzip.NzipChecksumError)):
        nzip.decompress(head + b"".join(blocks[number] for number in order) + rest)


def test_the_short_end_is_for_one_block_only():
    head, blocks, rest = blocks_of(stream(noise(20), block_size=10))
    for count in 0, 2:
        with pytest.raises(nzip.NzipFormatError, match="this many blocks"):
            nzip.decompress(head + b"".join(blocks[:count]) + END_ONE)
    assert nzip.decompress(head + blocks[0] + END_ONE) == noise(20)[:10]
    with pytest.raises(nzip.NzipFormatError):
        nzip.decompress(head + blocks[0] + rest)


def test_what_the_stream_needs_is_named():
    def header(version, features):
        head = MAGIC + bytes([version]) + encode_varint(features)
        return head + check16(head)

    with pytest.raises(nzip.NzipVersionError, match="container version 2"):
        nzip.decompress(header(2, 0))
    with pytest.raises(nzip.NzipVersionError, match="feature 0, 40 "):
        nzip.decompress(header(1, 1 | 1 << 40))
    with pytest.raises(nzip.NzipVersionError, match="record type 0x17"):
        nzip.decompress(header(1, 0) + encode_record(0x17, b""))


def test_records_that_may_be_skipped_are():
    head, (block,), rest = blocks_of(stream(TEXT))
    unknown = encode_record(0x93, b"anything")
    assert nzip.decompress(head + unknown + block + unknown + rest) == TEXT
    with pytest.raises(nzip.NzipChecksumError):
        nzip.decompress(head + unknown[:-1] + b"?" + block + rest)


def test_metadata_has_its_place():
    head, blocks, rest = blocks_of(stream(TEXT[:50], block_size=10))
    metadata = METADATA.encode()
    assert nzip.decompress(head + blocks[0] + END_ONE)
    for data in head + metadata * 2, head + blocks[0] + metadata:
        with pytest.raises(nzip.NzipFormatError, match="metadata"):
            nzip.decompress(data + rest)


FORGED = Coding(1, 1, 1, 24, one_segment(1 << 30))


@pytest.mark.parametrize(
    ("header", "needed"),
    [
        (BlockHeader(1 << 30, 0, (1 << 30) - 1, FORGED), 1 << 31),
        (BlockHeader(1 << 30, 0, 0, FORGED), 1 << 30),
        (BlockHeader(1 << 30, 0, 1 << 30, None), 1 << 30),
        (BlockHeader(9, 0, 1, Coding(1, 1, 1, 34, one_segment(9))), 1 << 34),
    ],
)
def test_memory_is_refused_before_it_is_allocated(header, needed):
    data = StreamHeader().encode() + header.encode() + b"\x00" * 100
    tracemalloc.start()
    try:
        with pytest.raises(nzip.NzipMemoryError) as caught:
            nzip.decompress(data, memory_limit=500_000_000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert caught.value.needed >= needed
    assert caught.value.limit == 500_000_000


@pytest.mark.parametrize("coding", [None, replace(FORGED, table_log2=16)])
def test_a_forged_length_allocates_nothing(coding):
    header = BlockHeader(1 << 30, 0, (1 << 30) - (coding is not None), coding)
    data = StreamHeader().encode() + header.encode() + b"\x00" * 100
    tracemalloc.start()
    try:
        with pytest.raises(nzip.NzipTruncatedError):
            nzip.decompress(data, memory_limit=1 << 40)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_record_that_is_too_long():
    data = StreamHeader().encode() + b"\x9e\x80" + encode_varint(1 << 25)
    with pytest.raises(nzip.NzipFormatError, match="33554432 bytes"):
        nzip.decompress(data)


@pytest.mark.parametrize(
    ("kind", "parameter"),
    [*itertools.product([0, 1, 2, 3, 5], [0, 1, 7, 0x87654321, 2**32 - 1]), *((4, n) for n in range(1, 5))],
)
@pytest.mark.parametrize("lanes", [1, 5, 1024])
@pytest.mark.parametrize("profile", [1, 3, 4])
def test_the_engine_survives_any_honest_header(kind, parameter, lanes, profile):
    """A forged header and payload whose checks are right: the engine decodes some bytes and notices."""
    payload = noise(50)
    coding = replace(FORGED, profile=profile, table_log2=16, lanes=lanes, segments=((kind, parameter, 300),))
    header = BlockHeader(300, checksum64(b"not this"), len(payload), coding)
    with pytest.raises(nzip.NzipChecksumError):
        nzip.decompress(StreamHeader().encode() + header.encode() + payload + END_ONE)
