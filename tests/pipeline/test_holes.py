"""Holes of files: found, not read, recorded, and left out again."""

from __future__ import annotations

import errno
import io
import itertools
import os
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import noise

from nzip.errors import NzipFormatError
from nzip.format.cursor import Cursor, split_varints
from nzip.format.holes import MAX_HOLES, Hole, encode_hole_lists, encode_holes, parse_hole_lists, parse_holes
from nzip.format.limits import MAX_SIZE
from nzip.format.metadata import Metadata, parse_metadata
from nzip.format.record import parse_record
from nzip.pipeline.holes import EVERYWHERE, PAGE, HoleReader, HoleWriter, find_holes

MIB = 1 << 20


@pytest.fixture
def sparse(tmp_path):
    """A file of data, a hole of a MiB, data, and a hole to the end."""
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.write(noise(PAGE))
        file.seek(MIB + PAGE)
        file.write(noise(2 * PAGE))
        file.truncate(3 * MIB)
    if path.stat().st_blocks * 512 > MIB:
        pytest.skip("the file system has no holes")
    return path


HOLES = (Hole(PAGE, MIB), Hole(MIB + 3 * PAGE, 2 * MIB - 3 * PAGE))


def test_holes_are_found(sparse):
    with sparse.open("rb") as file:
        assert file.read(10) == noise(10)
        assert find_holes(file) == HOLES
        assert file.read(10) == noise(20)[10:]


def test_other_files_have_none(tmp_path):
    for content in b"", b"x", noise(10_000):
        path = tmp_path / "file"
        path.write_bytes(content)
        with path.open("rb") as file:
            assert find_holes(file) == ()


@pytest.mark.parametrize("number", [errno.ESPIPE, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM])
def test_what_cannot_tell_has_none(sparse, monkeypatch, number):
    def fail(*_arguments):
        raise OSError(number, os.strerror(number))

    with sparse.open("rb") as file:
        monkeypatch.setattr(os, "lseek", fail)
        assert find_holes(file) == ()
    monkeypatch.undo()
    with sparse.open("rb") as file:
        monkeypatch.delattr(os, "SEEK_HOLE")
        assert find_holes(file) == ()


def test_a_file_may_be_nothing_but_a_hole(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")
    os.truncate(path, 5 * MIB + 1)
    with path.open("rb") as file:
        holes = find_holes(file)
        assert holes in ((), (Hole(0, 5 * MIB + 1),))
        assert _all(HoleReader(file, holes)) == bytes(5 * MIB + 1)


def _all(reader: HoleReader, size: int = 1 << 18) -> bytes:
    return b"".join(iter(lambda: reader.read(size), b""))


@pytest.mark.parametrize("size", [1, 1000, PAGE, 100_000])
def test_a_file_is_read_as_it_is(size):
    plain = b"ab" + bytes(3000) + b"c" + bytes(40) + b"def" + bytes(5000)
    holes = Hole(2, 3000), Hole(3003, 40), Hole(3046, 5000)
    assert _all(HoleReader(io.BytesIO(plain), holes), size) == plain
    assert _all(HoleReader(io.BytesIO(plain), ()), size) == plain


def test_holes_are_not_read():
    class Watched(io.BytesIO):
        read_bytes = 0

        def read(self, size=-1, /):
            data = super().read(size)
            self.read_bytes += len(data)
            return data

    file = Watched(b"ab" + bytes(100_000) + b"cd")
    assert _all(HoleReader(file, [Hole(2, 100_000)]), 700) == file.getvalue()
    assert file.read_bytes == 4


def test_a_file_that_shrinks_ends():
    assert _all(HoleReader(io.BytesIO(b"ab"), [Hole(2, 100)])) == b"ab" + bytes(100)


spans = st.lists(st.tuples(st.integers(1, 9000), st.integers(1, 9000)), max_size=6).map(
    lambda gaps: tuple(
        Hole(end - size, size)
        for (_, size), end in zip(gaps, itertools.accumulate(gap + size for gap, size in gaps), strict=True)
    )
)


@given(
    st.lists(st.one_of(st.integers(1, 3 * PAGE).map(bytes), st.integers(1, 3 * PAGE).map(noise)), max_size=8),
    spans | st.just(EVERYWHERE),
)
def test_whatever_the_holes_are_said_to_be_what_is_written_is_the_same(parts, holes):
    with tempfile.TemporaryFile() as file:
        writer = HoleWriter(file, holes)
        for part in parts:
            assert writer.write(part) == len(part)
        writer.finish()
        file.seek(0)
        assert file.read() == b"".join(parts)


def test_zeros_in_holes_are_not_written(tmp_path, sparse):
    plain = sparse.read_bytes()
    for holes, pieces in itertools.product((HOLES, EVERYWHERE), (len(plain), 100_000, 999)):
        path = tmp_path / "copy"
        with path.open("wb") as file:
            writer = HoleWriter(file, holes)
            for at in range(0, len(plain), pieces):
                writer.write(plain[at : at + pieces])
            writer.finish()
        assert path.read_bytes() == plain
        assert path.stat().st_blocks <= sparse.stat().st_blocks + 8


@given(spans)
def test_what_is_written_down_is_read(holes):
    assert parse_holes(split_varints(encode_holes(holes))) == holes


@pytest.mark.parametrize(
    "numbers",
    [[1], [1, 0], [1, 2, 0, 2], [1, 2, 3], [MAX_SIZE, 1], [0, MAX_SIZE, 1, 1], [1, 1] * (MAX_HOLES + 1)],
)
def test_forged_holes_are_refused(numbers):
    with pytest.raises(NzipFormatError):
        parse_holes(numbers)


def test_metadata_have_them():
    data = Metadata(name=b"a", holes=HOLES).encode()
    assert parse_metadata(parse_record(Cursor(data), data).body) == Metadata(name=b"a", holes=HOLES)


@given(st.lists(spans, max_size=4))
def test_holes_of_several_files_are_read(lists):
    data = encode_hole_lists(lists)
    assert parse_hole_lists(data, len(lists), lambda _size: None) == lists
    assert bool(data) == any(lists)


@pytest.mark.parametrize(
    "data",
    [
        *(b"\x00", b"\x00\x00\x00", b"\x01\x00", b"\x01\x00\x01", b"\x01\x00\x01\x00\x00"),
        *(b"\x02\x00\x01\x00", b"\x00\x80", b"\xff\xff\xff\xff\xff\xff\xff\x7f\x00"),
    ],
)
def test_forged_lists_are_refused(data):
    with pytest.raises(NzipFormatError):
        parse_hole_lists(data, 2, lambda _size: None)
