"""Stretches that repeat a byte or a short unit: found, left out of what engines code, and restored."""

from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import TEXT, noise, words

import nzip
from nzip import _native
from nzip.archive.batch.recognise import are_made_with
from nzip.format.block import Step
from nzip.format.fields import encode_varint
from nzip.format.registry import TransformId
from nzip.pipeline import EncodeOptions, compress_stream, decompress_stream
from nzip.pipeline.encoder import Encoder
from nzip.transforms import chain
from nzip.transforms.chain import restore
from nzip.transforms.contract import NO_TAIL, Plain, Tail
from nzip.transforms.repeats import LEAST, MOST

FAST = {"level": 1, "prime": "none"}
LONG = LEAST + 4096


def transform(data: bytes, tail: Tail = NO_TAIL) -> tuple[bytes, tuple[Step, ...]]:
    made = chain.transform(Plain(data, tail))
    return made.data, made.steps


def repeated(unit: bytes, size: int) -> bytes:
    return (unit * (size // len(unit) + 1))[:size]


parts = st.lists(
    st.one_of(
        st.binary(max_size=300),
        st.integers(1, 9000).map(noise),
        st.tuples(st.binary(min_size=1, max_size=70), st.integers(1, 20_000)).map(
            lambda unit: repeated(*unit)
        ),
        st.tuples(st.binary(min_size=1, max_size=64), st.integers(LONG, 2 * LONG)).map(
            lambda unit: repeated(*unit)
        ),
    ),
    max_size=8,
).map(b"".join)


@settings(max_examples=300)
@given(parts)
def test_whatever_stands_between_repeats_is_restored(plain):
    text, transforms = transform(plain)
    assert restore(text, transforms) == plain
    repeats = _native.find_repeats(plain)
    assert _native.restore_repeats(_rest(plain, repeats), repeats, len(plain)) == plain


def _rest(plain: bytes, repeats: list[tuple[int, int, int]]) -> bytes:
    rest, end = b"", 0
    for gap, size, _ in repeats:
        rest += plain[end : end + gap]
        end += gap + size
    return rest + plain[end:]


@pytest.mark.parametrize("unit", [b"\0", b"\xff", b"ab", noise(3), noise(63), noise(64)])
@pytest.mark.parametrize("before", [0, 1, 77, 5000])
@pytest.mark.parametrize("behind", [0, 1, 100])
def test_a_repeat_is_found_wherever_it_stands(unit, before, behind):
    before, behind = noise(before, 1), noise(behind, 2)
    ((gap, size, period),) = _native.find_repeats(before + repeated(unit, 50_000) + behind)
    assert period == len(unit)
    assert gap == len(before) + period
    # What follows stands where its alignment is what it was.
    assert size == 50_000 - period if not behind else size % 64 == 0 and 50_000 - period - 64 < size


@pytest.mark.parametrize("size", [4096, 5000, 8192])
def test_short_ones_are_found(size):
    for shift in range(0, 2100, 130):
        assert _native.find_repeats(noise(shift) + bytes(size) + noise(300))


def test_neighbours_of_different_periods_are_both_found():
    plain = repeated(b"abc", 30_000) + repeated(b"abcd", 30_000) + bytes(30_000) + b"\1" * 30_000
    assert [period for _, _, period in _native.find_repeats(plain)] == [3, 4, 1, 1]


@pytest.mark.parametrize(
    "plain",
    [b"", bytes(LEAST), noise(100_000), TEXT * 10, repeated(noise(65), 2 * LONG), words(200_000)],
    ids=["empty", "short", "noise", "text", "long period", "words"],
)
def test_other_data_are_left_alone(plain):
    assert transform(plain) == (plain, ())


@pytest.mark.parametrize("period", [1, 2, 7, 64])
@pytest.mark.parametrize("size", [1, 63, 64, 1000, 1 << 20])
def test_what_follows_a_block_is_as_good_as_in_it(period, size):
    plain = noise(1000) + repeated(noise(period, 9), LONG)
    tail = Tail(size, period)
    whole = b"".join(Plain(plain, tail).pieces())
    assert len(whole) == len(plain) + size
    assert whole == noise(1000) + repeated(noise(period, 9), LONG + size)
    assert transform(plain, tail) == transform(whole)


def test_utf16_is_found_behind_repeats():
    plain = bytes(LONG) + words(9000).decode(errors="ignore").encode("utf-16-le")
    text, transforms = transform(plain)
    assert [each.id for each in transforms] == [TransformId.REPEATS, TransformId.UTF16]
    assert words(8000)[-100:] in text
    assert restore(text, transforms) == plain
    assert nzip.decompress(nzip.compress(plain, **FAST)) == plain


@pytest.mark.parametrize(
    "options", [FAST, {"level": 6}, {"level": 3, "lanes": 3}, {**FAST, "solid": 1 << 20}, {"verify": True}]
)
@pytest.mark.parametrize(
    "plain",
    [bytes(5_000_000), noise(9000) + bytes(3_000_000), TEXT[:900] + b"ab" * LONG + TEXT[:900]],
    ids=["zeros", "noise", "text"],
)
def test_files_are_restored(plain, options):
    for block_size in None, 2 * LEAST:
        coded = nzip.compress(plain, **options, block_size=block_size)
        assert nzip.decompress(coded) == plain
        assert len(coded) < len(plain.rstrip(b"\0")) + 3000


def test_a_text_that_does_not_pay_is_stored_without_its_repeats():
    plain = noise(100_000) + bytes(1_000_000)
    assert len(nzip.compress(plain, **FAST)) < 100_300


def test_gigabytes_take_a_few_bytes():
    options = EncodeOptions(level=6, threads=2)
    encoder = Encoder(options)
    piece = bytes(1 << 20)
    coded = encoder.write(b"\0") + b"".join(encoder.write(piece) for _ in range(1 << 10)) + encoder.finish()
    assert len(coded) < 1100
    out = _Counter()
    assert decompress_stream(io.BytesIO(coded), out).plain == 1 + (1 << 30)
    assert out.size == 1 + (1 << 30)
    assert [len(plain) for plain in out.first] == [MOST]


class _Counter(io.RawIOBase):
    """Takes zeros, and keeps only their number."""

    def __init__(self) -> None:
        self.size = 0
        self.first: list[bytes] = []

    def writable(self):
        return True

    def write(self, data):
        assert _native.count_repeated(b"\0", data) == len(data)
        self.first = self.first or [bytes(data)]
        self.size += len(data)
        return len(data)


@settings(max_examples=20, deadline=None)
@given(parts, st.sampled_from([2 * LEAST, 300_000, 5000]), st.data())
def test_neither_pieces_nor_threads_change_a_byte(plain, block_size, data):
    options = EncodeOptions(**FAST, block_size=block_size, threads=1)
    whole = io.BytesIO()
    compress_stream(io.BytesIO(plain), whole, options)
    encoder = Encoder(EncodeOptions(**FAST, block_size=block_size, threads=3))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(plain)), max_size=10)))
    coded = b"".join(
        encoder.write(plain[start:end]) for start, end in itertools.pairwise([0, *cuts, len(plain)])
    )
    assert coded + encoder.finish() == whole.getvalue()
    assert nzip.decompress(whole.getvalue()) == plain


def test_a_block_ends_where_its_repeat_does_or_at_the_most():
    plain = noise(5) + bytes(MOST + 900_000) + noise(1000)
    coded = io.BytesIO()
    compress_stream(io.BytesIO(plain), coded, EncodeOptions(**FAST, block_size=2 * LEAST))
    coded.seek(0)
    blocks = nzip.info(coded).streams[0].blocks
    assert [block.header.plain_size for block in blocks] == [2 * LEAST, MOST, 5 + 900_000 - 2 * LEAST, 1000]


@pytest.mark.parametrize("options", [FAST, {"level": 6}, {**FAST, "solid": 1 << 20}])
def test_a_job_recognises_what_it_would_make(options):
    """Blocks that grew, and the few components of those that hardly are more than repeats."""
    options = EncodeOptions(**options, block_size=2 * LEAST)
    for plain in bytes(5_000_000), noise(900) + bytes(3_000_000) + TEXT[:900]:
        coded = io.BytesIO()
        compress_stream(io.BytesIO(plain), coded, options)
        coded.seek(0)
        (stream,) = nzip.info(coded).streams
        assert are_made_with(stream, options)
        assert not are_made_with(stream, EncodeOptions(level=3, solid=1 << 21))


def test_files_are_sought_in():
    plain = noise(1000) + bytes(3_000_000) + TEXT + b"xyz" * 1_000_000
    file = nzip.open(io.BytesIO(nzip.compress(plain, **FAST, block_size=300_000)))
    for at in (2_999_990, 0, 3_001_000 + len(TEXT), 1_000_000, len(plain) - 10):
        file.seek(at)
        assert file.read(2000) == plain[at : at + 2000]


def test_salvage_loses_no_more_than_a_block():
    plain = bytes(3_000_000) + noise(1000) + bytes(3_000_000)
    coded = bytearray(nzip.compress(plain, **FAST, block_size=300_000))
    coded[30] ^= 1
    out = io.BytesIO()
    report = nzip.pipeline.salvage_stream(io.BytesIO(coded), out)
    assert len(report.lost) == 1
    assert plain.endswith(out.getvalue())
    assert len(out.getvalue()) > 2_000_000


def test_a_reference_is_left_alone(tmp_path):
    old = tmp_path / "old"
    old.write_bytes(noise(3000))
    plain = noise(3000) + bytes(LONG)
    coded = nzip.compress(plain, **FAST, ref=old, block_size=2 * LEAST)
    (block,) = nzip.info(io.BytesIO(coded)).streams[0].blocks
    assert block.header.coding.transforms == ()
    assert nzip.decompress(coded, ref=old) == plain


def _table(*numbers: int) -> bytes:
    table = b"".join(map(encode_varint, numbers))
    return table + bytes(-len(table) % 8)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (b"", 4),
        (_table(1), 4),
        (_table(1, 1, 3), 4),
        (_table(1, 0, 4, 1), 4),  # nothing to repeat
        (_table(1, 1, 3, 0) + b"a", 4),
        (_table(2, 1, 3, 1, 0, 0, 1) + b"a", 4),
        (_table(1, 1, 3, 2) + b"a", 4),
        (_table(1, 2, 3, 1) + b"a", 4),
        (_table(1, 1, 4, 1) + b"a", 4),
        (_table(1, 1, 2, 1) + b"a", 4),
        (_table(1, 1, 3, 1) + b"ab", 4),
        (_table(1, 1, (1 << 63) - 1, 1) + b"a", 4),
        (_table(1, (1 << 63) - 1, 3, 1) + b"a", 4),
        (_table(1, 1, 3, (1 << 63) - 1) + b"a", 4),
        (_table(2, 1, 3, 1, 0, 1, 1) + b"a", 4),
        (_table((1 << 16) + 1, *(0, 0, 1) * ((1 << 16) + 1)) + b"aaaa", 4),
        (b"\x81\x00\x01\x03\x01" + bytes(3) + b"a", 4),
        (b"\x01\x01\x03\x01" + bytes(3) + b"\x01" + b"a", 4),
        (b"\x01\x01\x03\x01" + b"a", 4),
    ],
)
def test_a_forged_text_is_refused(text, size):
    with pytest.raises(ValueError, match=r"."):
        restore(text, (Step(TransformId.REPEATS, size, len(text)),))


def test_any_period_and_size_may_be_written():
    text = _table(3, 2, 1, 2, 1, 7, 4, 0, 1, 5) + b"abcd"
    assert restore(text, (Step(TransformId.REPEATS, 13, len(text)),)) == b"abacabacabaad"
