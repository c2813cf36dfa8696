"""NzipFile and nzip.open behave like files."""

import io
import os
import pathlib
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import TEXT, noise

import nzip
from nzip.format.block import BlockHeader
from nzip.format.checksum import checksum64
from nzip.format.end import END_SIZE, End
from nzip.format.index import IndexEntry, parse_index
from nzip.format.record import encode_record
from nzip.format.registry import RecordType
from nzip.format.writer import StreamWriter

DATA = TEXT[:2000] + noise(300) + TEXT[:1000]


CODED = {
    "one block": nzip.compress(DATA, level=1),
    "blocks": nzip.compress(DATA, level=1, block_size=100),
    "no index": nzip.compress(DATA, level=1, block_size=100, index=False),
    "solid": nzip.compress(DATA, level=1, block_size=100, solid=1000),
    "streams": b"".join(
        nzip.compress(DATA[at : at + 1000], level=1, block_size=90) for at in range(0, 4000, 1000)
    ),
}


class Pipe(io.RawIOBase):
    """Read-only, no seeking, a few bytes at a time."""

    def __init__(self, data):
        self._data = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self._data.read(min(len(buffer), 37))
        buffer[: len(data)] = data
        return len(data)


@pytest.fixture(params=CODED)
def coded(request):
    return CODED[request.param]


@pytest.mark.parametrize("threads", [1, 3])
def test_read(coded, threads):
    with nzip.open(io.BytesIO(coded), threads=threads) as file:
        assert file.read(0) == b""
        assert file.read(10) == DATA[:10]
        assert file.tell() == 10
        assert file.peek()[:1] == DATA[10:11]
        assert DATA[10:].startswith(file.read1(5))
        assert file.readline() == DATA[15 : DATA.find(b"\n", 15) + 1 or None][: len(DATA)]
        rest = file.read()
        assert DATA.endswith(rest)
        assert file.read() == file.read1() == file.peek() == b""
        assert file.tell() == len(DATA)


def test_readinto(coded):
    buffer = bytearray(7)
    with nzip.open(io.BytesIO(coded)) as file:
        got = b""
        while size := file.readinto(buffer):
            got += buffer[:size]
    assert got == DATA


def test_read1_all(coded):
    with nzip.open(io.BytesIO(coded)) as file:
        assert b"".join(iter(file.read1, b"")) == DATA


def test_iteration():
    lines = [b"one\n", b"\n", b"three\r\n", b"four"]
    with nzip.open(io.BytesIO(nzip.compress(b"".join(lines)))) as file:
        assert list(file) == lines
    with nzip.open(io.BytesIO(nzip.compress(b"".join(lines)))) as file:
        assert file.readlines() == lines


def test_a_pipe_is_read_without_seeking(coded):
    with nzip.open(Pipe(coded)) as file:
        assert not file.seekable()
        with pytest.raises(io.UnsupportedOperation):
            file.seek(0)
        assert file.read() == DATA


def test_a_file_object_needs_nothing_but_read():
    class Source:
        read = io.BytesIO(CODED["blocks"]).read

    assert nzip.open(Source()).read() == DATA


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(CODED)),
    st.lists(
        st.tuples(st.integers(-200, len(DATA) + 200), st.sampled_from([0, 1, 2]), st.integers(0, 300)),
        max_size=8,
    ),
)
def test_seek(name, steps):
    plain, file = io.BytesIO(DATA), nzip.open(io.BytesIO(CODED[name]))
    for offset, whence, size in steps:
        target = offset + (0, plain.tell(), len(DATA))[whence]  # as with lzma, both ends stop it
        assert file.seek(offset, whence) == plain.seek(max(0, min(target, len(DATA))))
        assert file.tell() == plain.tell()
        assert file.read(size) == plain.read(size)


class CountingFile(io.BytesIO):
    """Counts the bytes that are read."""

    count = 0

    def read(self, size=-1):
        data = super().read(size)
        self.count += len(data)
        return data


@pytest.mark.parametrize("index", [True, False])
def test_seek_decodes_only_the_block_it_needs(index, monkeypatch):
    data = noise(1_000_000)
    source = CountingFile(nzip.compress(data, level=1, block_size=10_000, index=index))
    decoded = []
    original = nzip.pipeline.coding.RunDecoder.decode
    monkeypatch.setattr(
        nzip.pipeline.coding.RunDecoder,
        "decode",
        lambda self, header, *rest: decoded.append(header) or original(self, header, *rest),
    )
    with nzip.open(source) as file:
        for position in 765_432, 999_999, 5, 500_000:
            file.seek(position)
            assert file.read(3) == data[position : position + 3]
        assert file.seek(0, os.SEEK_END) == len(data)
        assert file.read() == b""
    assert len(decoded) <= 5
    assert source.count < (100_000 if index else 600_000)


def test_seek_with_a_damaged_index():
    coded = bytearray(CODED["blocks"])
    coded[-60] ^= 1
    file = nzip.open(io.BytesIO(coded))
    with pytest.raises(nzip.NzipError):
        file.seek(1000)


def with_index(entries, *, plain_size=300, stream_size=None):
    """Three stored blocks of 100 bytes with a forged index and an end to match."""
    parts = [noise(100, seed) for seed in range(3)]
    writer = StreamWriter()
    data = writer.begin() + b"".join(
        writer.block(BlockHeader(100, checksum64(part), 100, None), part) for part in parts
    )
    index = encode_record(RecordType.INDEX, b"".join(IndexEntry(*entry).encode() for entry in entries))
    if stream_size is None:
        stream_size = len(data) + len(index) + END_SIZE
    return data + index + End(plain_size, 0, stream_size, len(index)).encode()


@pytest.mark.parametrize(
    "entries",
    [
        [(0, 0, 0, False)] * 1000,
        [(8, 117, 100, False), (117, 117, 100, False)],  # skips a block
        [(8, 117, 100, False)] * 3,  # beyond the index
        [(8, 117, 300, False), (0, 0, 0, False)],
        [(8, 117, 1 << 31, False)],
        [(8, 117, 100, True), (0, 117, 100, False), (0, 117, 100, False)],
    ],
)
def test_seek_with_a_forged_index(entries):
    with nzip.open(io.BytesIO(with_index(entries))) as file, pytest.raises(nzip.NzipFormatError):
        file.seek(0, os.SEEK_END)
    with pytest.raises(nzip.NzipFormatError):
        list(parse_index(b"".join(IndexEntry(*entry).encode() for entry in entries), 8 + 3 * 117, 300))


@pytest.mark.parametrize("stream_size", [0, 1, 1 << 40])
def test_seek_with_a_forged_stream_size(stream_size):
    forged = with_index([], plain_size=0, stream_size=stream_size) + CODED["blocks"]
    with nzip.open(io.BytesIO(forged)) as file, pytest.raises(nzip.NzipError):
        file.seek(0, os.SEEK_END)


def test_seek_among_many_streams():
    with nzip.open(io.BytesIO(CODED["blocks"] * 200)) as file:
        assert file.seek(0, os.SEEK_END) == 200 * len(DATA)
        file.seek(150 * len(DATA) + 10)
        assert file.read(300) == DATA[10:310]


def test_seek_in_a_file_that_does_not_start_with_nzip_data():
    source = io.BytesIO(b"prefix" + CODED["blocks"])
    source.seek(6)
    with nzip.open(source) as file:
        file.seek(2500)
        assert file.read() == DATA[2500:]
        file.seek(0)
        assert file.read() == DATA


def test_a_truncated_file(coded):
    with nzip.open(io.BytesIO(coded[:-1])) as file, pytest.raises(EOFError):
        file.read()


def test_memory_limit(coded):
    with nzip.open(io.BytesIO(coded), memory_limit=1000) as file, pytest.raises(nzip.NzipMemoryError):
        file.read(1)


@pytest.mark.parametrize("kind", [str, os.fsencode, pathlib.Path])
def test_names(tmp_path, kind):
    name = kind(str(tmp_path / "file.nz"))
    with nzip.open(name, "wb", level=1) as file:
        assert file.mode == "wb"
        assert not file.readable()
        assert file.writable()
        assert not file.seekable()
        assert file.write(b"abc") == 3
        assert file.tell() == 3
        assert isinstance(file.fileno(), int)
    with nzip.open(name) as file:
        assert file.mode == "rb"
        assert file.readable()
        assert not file.writable()
        assert file.seekable()
        assert os.fspath(file.name) == os.fspath(name)
        assert file.read() == b"abc"
    with nzip.open(name, "ab", level=1) as file:
        file.write(b"def")
    assert nzip.open(name).read() == b"abcdef"
    with pytest.raises(FileExistsError):
        nzip.open(name, "x")
    with nzip.open(name, "w", level=1):
        pass
    assert nzip.open(name).read() == b""
    with nzip.open(str(tmp_path / "new"), "xb", level=1) as file:
        file.writelines([b"1\n", b"2\n"])
    assert nzip.open(tmp_path / "new").readlines() == [b"1\n", b"2\n"]


def test_what_was_opened_elsewhere_stays_open():
    stored = io.BytesIO()
    with nzip.open(stored, "wb", level=1) as file:
        file.write(DATA)
    assert not stored.closed
    assert nzip.decompress(stored.getvalue()) == DATA
    stored.seek(0)
    nzip.open(stored).close()
    assert not stored.closed


class ShortWriter(io.RawIOBase):
    """Takes a few bytes at a time, and some time none."""

    def __init__(self, room):
        self.data = b""
        self.room = room

    def writable(self):
        return True

    def write(self, data):
        piece = bytes(data[: min(7, self.room - len(self.data))])
        self.data += piece
        return len(piece) or None


def test_a_raw_file_that_writes_short():
    target = ShortWriter(1 << 20)
    with nzip.open(target, "wb", level=1, block_size=100) as file:
        file.write(DATA)
        file.flush()
    assert nzip.decompress(target.data) == DATA
    file = nzip.open(ShortWriter(50), "wb", level=1, block_size=100)
    with pytest.raises(BlockingIOError):
        file.write(DATA)


def test_a_file_object_that_does_not_count_what_it_writes():
    class Target:
        data = b""

        def write(self, data):
            self.data += data

    target = Target()
    with nzip.open(target, "wb", level=1, block_size=100) as file:
        file.write(DATA)
    assert nzip.decompress(target.data) == DATA


def test_closed_files():
    for file in nzip.open(io.BytesIO(CODED["blocks"])), nzip.open(io.BytesIO(), "w"):
        assert not file.closed
        file.close()
        file.close()
        assert file.closed
        for use in file.read, file.tell, file.fileno, file.flush, file.readable, file.seekable, file.peek:
            with pytest.raises(ValueError, match="closed"):
                use()
        with pytest.raises(ValueError, match="closed"):
            file.write(b"")


def test_the_wrong_direction():
    with nzip.open(io.BytesIO(CODED["blocks"])) as file, pytest.raises(io.UnsupportedOperation):
        file.write(b"")
    with nzip.open(io.BytesIO(), "w") as file:
        for use in file.read, file.peek, file.readline, lambda: file.seek(0), lambda: next(file):
            with pytest.raises(io.UnsupportedOperation):
                use()


@pytest.mark.parametrize("mode", ["", "rw", "rb+", "t", "b", "wbb", "U", "rtb"])
def test_wrong_modes(mode):
    with pytest.raises(ValueError, match="mode"):
        nzip.open(io.BytesIO(), mode)


def test_wrong_arguments(tmp_path):
    with pytest.raises(ValueError, match="text modes"):
        nzip.open(io.BytesIO(), encoding="utf-8")
    with pytest.raises(ValueError, match="writing"):
        nzip.open(io.BytesIO(), level=3)
    with pytest.raises(ValueError, match="writing"):
        nzip.open(io.BytesIO(), lanes=3)
    with pytest.raises(TypeError):
        nzip.open(12)
    with pytest.raises(ValueError, match="level"):
        nzip.open(tmp_path / "never", "w", level=77)
    assert not (tmp_path / "never").exists()


def test_flush():
    stored = io.BytesIO()
    file = nzip.open(stored, "w", level=1)
    file.write(b"first")
    file.flush()
    assert nzip.NzipDecompressor().decompress(stored.getvalue()) == b"first"
    file.write(b"second")
    file.flush(file.FLUSH_FRAME)
    assert nzip.decompress(stored.getvalue()) == b"firstsecond"
    size = len(stored.getvalue())
    file.close()
    assert len(stored.getvalue()) == size


def test_copyfileobj():
    stored = io.BytesIO()
    with nzip.open(stored, "w", level=1, block_size=500) as file:
        shutil.copyfileobj(io.BytesIO(DATA), file, 77)
    assert stored.getvalue() == nzip.compress(DATA, level=1, block_size=500)
    stored.seek(0)
    restored = io.BytesIO()
    with nzip.open(stored) as file:
        shutil.copyfileobj(file, restored)
    assert restored.getvalue() == DATA


def test_an_error_is_not_taken_for_the_end():
    damaged = bytearray(CODED["no index"])
    blocks = nzip.info(io.BytesIO(damaged)).streams[0].blocks
    damaged[blocks[4].offset + blocks[4].size - 2] ^= 1
    with nzip.open(io.BytesIO(damaged)) as file:
        with pytest.raises(nzip.NzipChecksumError):
            file.read()
        with pytest.raises(nzip.NzipError, match="earlier error"):
            file.read()
        # What is intact can still be reached.
        file.seek(510)
        assert file.read(90) == DATA[510:600]
        file.seek(390)
        assert file.read(10) == DATA[390:400]
        with pytest.raises(nzip.NzipError):
            file.read(1)
