"""bzip2 streams become their content, and are written again bit for bit."""

from __future__ import annotations

import bz2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import noise, words
from support.unpacked import formats, opened

import nzip
from nzip import _native
from nzip.format.registry import PackedFormatId
from nzip.transforms.unpack.bzip2 import Bzip2

MOST = 1 << 26
CONTENTS = {
    "text": words(250_000),
    "noise": noise(120_000),
    "zeros": bytes(1_000_000),
    "runs": b"".join(bytes([n % 7]) * n for n in range(700)),
    "lines": b"the same line\n" * 30_000,
    "one": b"a",
    "every byte": bytes(range(256)) * 3,
    "long codes": b"".join(bytes([n]) * 2**n for n in range(18)) + bytes(range(256)),
}


def restored(data: bytes, most: int = MOST) -> tuple[int, bytes, bytes]:
    found = _native.open_bzip2(data, 0, most)
    assert found is not None
    size, content, residue = found
    assert _native.close_bzip2(content, residue) == data[:size]
    return found


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("level", [1, 2, 9])
def test_streams_of_every_level(name: str, level: int) -> None:
    data = bz2.compress(CONTENTS[name], level)
    size, content, residue = restored(data)
    assert (size, content) == (len(data), CONTENTS[name])
    assert residue[0] == 16 + level


@given(st.lists(st.tuples(st.binary(max_size=9), st.integers(1, 400)), max_size=40), st.integers(1, 9))
@settings(deadline=None)
def test_whatever_repeats(pieces: list[tuple[bytes, int]], level: int) -> None:
    content = b"".join(piece * times for piece, times in pieces)
    data = bz2.compress(content, level)
    if content:
        assert restored(data)[:2] == (len(data), content)
    else:
        assert _native.open_bzip2(data, 0, MOST) is None


def test_blocks_end_where_bzip2_ends_them() -> None:
    for more in range(99_960, 100_020):
        content = noise(more) + b"aaaaaaab" + noise(50)
        assert restored(bz2.compress(content, 1))[1] == content


def test_a_file_of_several_streams_is_opened_as_one_content() -> None:
    parts = [words(30_000), noise(3000), words(5000)]
    data = b"".join(bz2.compress(part, 3) for part in parts)
    assert next(iter(Bzip2().find(data, None))) == 0
    assert formats(opened(data)).count(PackedFormatId.BZIP2) >= 2
    assert nzip.decompress(nzip.compress(data, level=3)) == data


def test_of_a_cut_stream_whole_blocks_are_opened() -> None:
    content = words(250_000)
    data = bz2.compress(content, 1)
    for cut in (len(data) - 1, len(data) * 9 // 10):
        size, begin, residue = restored(data[:cut])
        assert residue == b"\1"
        assert 0 < size < cut
        assert content.startswith(begin)
    size, begin, _ = restored(data, len(content) // 2)
    assert 0 < size < len(data)
    assert len(begin) <= len(content) // 2
    assert _native.open_bzip2(data, 0, 10_000) is None


def test_other_encoders_are_left_alone() -> None:
    data = bytearray(bz2.compress(words(20_000), 9))
    data[4 + 6] ^= 1  # the checksum of the block
    assert _native.open_bzip2(data, 0, MOST) is None


@pytest.mark.parametrize(
    ("content", "residue"),
    [(b"a", b""), (b"", b"\x11"), (b"a", b"\x10"), (b"a", b"\x1a"), (b"a", b"\x31"), (b"a", b"\x11\0")],
)
def test_what_is_none_is_refused(content: bytes, residue: bytes) -> None:
    with pytest.raises(ValueError, match=r"bzip2|level|rotation|needs|whole"):
        _native.close_bzip2(content, residue)
    with pytest.raises(ValueError, match="rotation"):
        _native.close_bzip2(b"ab" * 9, b"\x11\x09")


@given(st.data())
@settings(deadline=None)
def test_damaged_streams_are_opened_to_what_restores_them(data: st.DataObject) -> None:
    packed = bytearray(bz2.compress(words(3000), 1) + bz2.compress(b"ab" * 500, 9))
    for _ in range(data.draw(st.integers(1, 3))):
        packed[data.draw(st.integers(0, len(packed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    found = _native.open_bzip2(bytes(packed), 0, MOST)
    if found is not None:
        assert _native.close_bzip2(found[1], found[2]) == packed[: found[0]]
