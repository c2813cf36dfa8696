"""UTF-16 text: that it is found, coded as UTF-8, and restored whatever it consists of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import TEXT, noise, program, records, wave, words

import nzip
from nzip import _native
from nzip.format.block import Step
from nzip.format.fields import encode_varint
from nzip.format.registry import TransformId
from nzip.transforms import chain
from nzip.transforms.chain import max_size, restore
from nzip.transforms.contract import Plain

CYRILLIC = "Съешь же ещё этих мягких французских булок, да выпей чаю. "
CHINESE = "天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。"  # noqa: RUF001
MIXED = (TEXT.decode() + CYRILLIC * 20 + CHINESE * 30 + "\U0001f600 ") * 3
FAST = {"level": 1, "prime": "none"}


def transform(data: bytes) -> tuple[bytes, tuple[Step, ...]]:
    made = chain.transform(Plain(data))
    return made.data, made.steps


def pieces(data: bytes) -> list[tuple[int, int]]:
    return _native.find_utf16(data)


@pytest.mark.parametrize(("kind", "encoding"), [(1, "utf-16-le"), (2, "utf-16-be")])
@pytest.mark.parametrize("text", [TEXT.decode(), CYRILLIC * 5, CHINESE * 5, MIXED, "\ufeff" + MIXED])
def test_text_is_found_and_coded_as_utf8(kind, encoding, text):
    data = text.encode(encoding)
    assert pieces(data) == [(kind, len(data))]
    coded, transforms = transform(data)
    assert coded.endswith(text.encode())
    assert transforms == (Step(TransformId.UTF16, len(data), len(coded)),)
    assert restore(coded, transforms) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a\0" * 31,
        TEXT,
        CYRILLIC.encode() * 100,
        words(9000),
        noise(9000),
        program(9000),
        wave(9000),
        records(24, 9000),
        bytes(9000),
        b"".join(number.to_bytes(2, "little") for number in range(5000)),
        b"".join(number.to_bytes(4, "little") for number in noise(3000)),
    ],
    ids=[
        *("empty", "short", "ascii", "utf8", "words", "noise", "program", "sound", "records", "zeros"),
        *("ramp", "numbers"),
    ],
)
def test_other_data_are_left_alone(data):
    assert transform(data) == (data, ())


def test_text_is_found_between_other_data():
    data = noise(8192) + CYRILLIC.encode("utf-16-le") * 80 + noise(8000) + b"."
    found = pieces(data)
    assert [kind for kind, _ in found] == [0, 1, 0]
    assert sum(size for _, size in found) == len(data)
    coded, transforms = transform(data)
    assert restore(coded, transforms) == data


@given(
    st.lists(st.integers(0, 0xFFFF), max_size=60), st.sampled_from(["little", "big"]), st.binary(max_size=1)
)
def test_whatever_stands_in_it_is_restored(units, order, odd):
    data = CYRILLIC.encode(f"utf-16-{order[0]}e") * 20
    data += b"".join(unit.to_bytes(2, order) for unit in units) + odd
    coded, transforms = transform(data)
    assert transforms
    assert len(coded) <= max_size(len(data))
    assert restore(coded, transforms) == data


def test_a_surrogate_at_every_place_of_a_chunk_is_restored():
    for shift in range(4):
        data = ("x" * shift + CYRILLIC + "\U0001f600" * 40_000 + CYRILLIC * 3000).encode("utf-16-le")
        coded, transforms = transform(data)
        assert transforms
        assert restore(coded, transforms) == data


@pytest.mark.parametrize("options", [FAST, {"level": 3, "lanes": 7}, {"level": 6, "model": "default"}])
def test_files_are_restored(options):
    data = MIXED.encode("utf-16")
    coded = nzip.compress(data, **options)
    assert nzip.decompress(coded) == data
    assert len(coded) < len(nzip.compress(MIXED.encode(), **options)) + 40


def test_blocks_of_a_run_are_restored():
    data = (CHINESE * 3000).encode("utf-16-be") + noise(3000) + MIXED.encode("utf-16-le")
    for block_size in 20_000, 100_001:
        coded = nzip.compress(data, **FAST, block_size=block_size, solid=90_000)
        assert nzip.decompress(coded) == data


def test_a_reference_is_left_alone(tmp_path):
    old = tmp_path / "old"
    old.write_bytes(noise(3000).hex().encode("utf-16"))
    data = old.read_bytes() + MIXED.encode("utf-16-le")[:1000]
    coded = nzip.compress(data, **FAST, ref=old)
    assert len(coded) < 700
    assert nzip.decompress(coded, ref=old) == data


def _table(*fields: int) -> bytes:
    return b"".join(map(encode_varint, fields))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (b"", 4),
        (_table(1 << 40), 4),
        (_table(2, 1, 2) + b"ab", 4),
        (_table(1, 1, 3) + b"ab", 4),
        (_table(1, 3, 2) + b"ab", 4),
        (_table(1, 1, 2) + b"abc", 4),
        (_table(1, 1, 2) + b"ab", 5),
        (_table(1, 1, 2) + b"\xc3a", 4),
        (_table(1, 2, 1) + b"\xe4", 2),
        (_table(1, 1, 4) + b"\xf8\x88\x80\x80", 4),
        (b"\x80\x00" + b"ab", 4),
    ],
)
def test_a_forged_text_is_refused(text, size):
    with pytest.raises(ValueError, match=r"."):
        restore(text, (Step(TransformId.UTF16, size, len(text)),))
