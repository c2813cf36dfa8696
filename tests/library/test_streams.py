"""File objects that take or give less than they are asked for, or nothing for now."""

from __future__ import annotations

import io
import os
import threading

import pytest

import nzip
from nzip.pipeline import EncodeOptions, compress_stream, decompress_stream, salvage_stream
from nzip.streams import PatientFile, read_all, read_some, write_all

DATA = b"".join(b"%d " % (i * i) for i in range(3000))
OPTIONS = EncodeOptions(level=1, block_size=5000)
CODED = nzip.compress(DATA, level=1, block_size=5000)


class Raw(io.RawIOBase):
    """Takes and gives at most seven bytes, and every other time nothing if it is non-blocking."""

    def __init__(self, data: bytes = b"", *, blocking: bool = True) -> None:
        self.data = io.BytesIO(data)
        self.blocking = blocking
        self.turn = 0

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self.blocking

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.data.seek(offset, whence)

    def tell(self) -> int:
        return self.data.tell()

    def _blocks(self) -> bool:
        self.turn += 1
        return not self.blocking and self.turn % 2 == 0

    def readinto(self, buffer) -> int | None:
        return None if self._blocks() else self.data.readinto(memoryview(buffer)[:7])

    def write(self, data) -> int | None:
        return None if self._blocks() else self.data.write(memoryview(data)[:7])


def test_all_is_written_and_read():
    raw = Raw()
    write_all(raw, DATA)
    assert raw.data.getvalue() == DATA
    raw.seek(0)
    assert read_some(raw, 100) == DATA[:7]
    assert read_all(raw, 100) == DATA[7:107]
    assert read_all(raw, len(DATA)) == DATA[107:]
    assert read_all(raw, 1) == read_some(raw, 1) == b""


def test_what_blocks_is_said_to():
    raw = Raw(DATA, blocking=False)
    assert read_some(raw, 1) == DATA[:1]
    with pytest.raises(BlockingIOError):
        read_some(raw, 1)
    with pytest.raises(BlockingIOError) as caught:
        write_all(Raw(blocking=False), DATA)
    assert caught.value.characters_written == 7


def test_streams():
    coded, plain, saved = Raw(), Raw(), Raw()
    compress_stream(Raw(DATA), coded, OPTIONS)
    assert coded.data.getvalue() == CODED
    decompress_stream(Raw(CODED), plain)
    assert plain.data.getvalue() == DATA
    salvage_stream(io.BytesIO(CODED), saved)
    assert saved.data.getvalue() == DATA


@pytest.mark.parametrize("work", [compress_stream, decompress_stream])
def test_a_source_that_has_nothing_now_has_not_ended(work):
    with pytest.raises(BlockingIOError):
        work(Raw(CODED, blocking=False), io.BytesIO())


def test_seeking_in_a_raw_file():
    with nzip.NzipFile(Raw(CODED)) as file:
        for position in (12_000, 3_000, 9_999):
            file.seek(position)
            assert file.read(100) == DATA[position : position + 100]
    assert nzip.info(Raw(CODED)).total_plain == len(DATA)


def test_a_writer_goes_on_where_it_was_blocked():
    raw = Raw(blocking=False)
    file = nzip.NzipFile(raw, "w", level=1, block_size=5000)
    done = 0
    while done < len(DATA):
        try:
            done += file.write(DATA[done : done + 1000])
        except BlockingIOError as error:
            done += error.characters_written
    for _ in range(len(DATA)):
        try:
            file.flush(file.FLUSH_FRAME)
            break
        except BlockingIOError:
            pass
    file.close()
    assert raw.data.getvalue() == CODED


class Broken(io.RawIOBase):
    """A disk that is full for a while."""

    data = b""
    is_full = False

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        if self.is_full:
            raise OSError(28, os.strerror(28))
        self.data += bytes(data)
        return len(data)


def test_nothing_is_written_behind_a_gap():
    raw = Broken()
    file = nzip.NzipFile(raw, "w", level=1, block_size=5000)
    file.write(DATA[:8000])
    file.flush()
    size = len(raw.data)
    raw.is_full = True
    with pytest.raises(OSError, match="No space"):
        file.flush(file.FLUSH_FRAME)
    raw.is_full = False
    with pytest.raises(OSError, match="earlier error"):
        file.write(b"more")
    file.close()
    assert len(raw.data) == size


def test_a_patient_file_waits():
    reader, writer = os.pipe()
    for descriptor in (reader, writer):
        os.set_blocking(descriptor, False)
    data = os.urandom(1_000_000)

    def write():
        with PatientFile(writer, "wb") as file, io.BufferedWriter(file) as buffered:
            buffered.write(data)

    thread = threading.Thread(target=write)
    thread.start()
    with io.BufferedReader(PatientFile(reader, "rb")) as file:
        assert file.read() == data
    thread.join()
