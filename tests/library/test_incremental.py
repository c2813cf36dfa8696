"""NzipCompressor and NzipDecompressor keep the promises of the standard library's classes."""

import bz2
import copy
import io
import lzma
import pickle
import sys
from collections import Counter
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import TEXT, noise

import nzip
from nzip import tasks

CODED = nzip.compress(TEXT, level=1, block_size=1000)


def test_byte_by_byte():
    decompressor = nzip.NzipDecompressor()
    plain = b""
    for number, byte in enumerate(CODED):
        assert not decompressor.eof
        assert decompressor.needs_input
        assert decompressor.unused_data == b""
        plain += decompressor.decompress(bytes([byte]))
        assert decompressor.eof == (number == len(CODED) - 1)
    assert plain == TEXT
    assert not decompressor.needs_input


def test_blocks_come_as_soon_as_they_are_complete():
    first = nzip.info(io.BytesIO(CODED)).streams[0].blocks[0]
    decompressor = nzip.NzipDecompressor()
    assert decompressor.decompress(CODED[: first.offset + first.size]) == TEXT[:1000]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 1500)), max_size=30))
def test_max_length(steps):
    decompressor = nzip.NzipDecompressor()
    plain, position = b"", 0
    for feed, max_length in steps:
        if decompressor.eof:
            break
        data = CODED[position : position + feed] if decompressor.needs_input else b""
        position += len(data)
        got = decompressor.decompress(data, max_length)
        assert len(got) <= max_length
        plain += got
    if not decompressor.eof:
        plain += decompressor.decompress(CODED[position:])
    assert decompressor.eof
    assert plain == TEXT


def test_data_are_kept_when_max_length_is_reached():
    decompressor = nzip.NzipDecompressor()
    plain = decompressor.decompress(CODED, 1)
    assert not decompressor.needs_input
    while not decompressor.eof:
        got = decompressor.decompress(b"", 333)
        assert got or decompressor.eof
        plain += got
    assert plain == TEXT


@pytest.mark.parametrize("make", [nzip.NzipDecompressor, bz2.BZ2Decompressor, lzma.LZMADecompressor])
def test_like_the_standard_library(make):
    """The same session with each of the three classes."""
    coded = {nzip.NzipDecompressor: nzip, bz2.BZ2Decompressor: bz2, lzma.LZMADecompressor: lzma}[
        make
    ].compress(TEXT)
    decompressor = make()
    assert (decompressor.eof, decompressor.needs_input, decompressor.unused_data) == (False, True, b"")
    assert decompressor.decompress(b"") == b""
    plain = decompressor.decompress(coded + b"more", max_length=100)
    assert len(plain) == 100
    assert (decompressor.eof, decompressor.needs_input, decompressor.unused_data) == (False, False, b"")
    plain += decompressor.decompress(b"")
    assert plain == TEXT
    assert (decompressor.eof, decompressor.needs_input, decompressor.unused_data) == (True, False, b"more")
    with pytest.raises(EOFError):
        decompressor.decompress(b"")
    with pytest.raises(EOFError):
        decompressor.decompress(b"more")


def test_one_stream_only():
    decompressor = nzip.NzipDecompressor()
    assert decompressor.decompress(nzip.compress(b"one") + nzip.compress(b"two")) == b"one"
    assert decompressor.unused_data == nzip.compress(b"two")


def test_an_error_stays():
    damaged = bytearray(CODED)
    damaged[-200] ^= 1
    decompressor = nzip.NzipDecompressor()
    for _ in range(3):
        with pytest.raises(nzip.NzipError):
            decompressor.decompress(bytes(damaged) if _ == 0 else b"")
    assert not decompressor.eof


def test_memory_limit():
    with pytest.raises(nzip.NzipMemoryError) as caught:
        nzip.NzipDecompressor(memory_limit=10_000).decompress(CODED)
    assert caught.value.limit == 10_000 < caught.value.needed


def test_flush_block_makes_all_data_available():
    compressor = nzip.NzipCompressor(level=1)
    decompressor = nzip.NzipDecompressor()
    for part in TEXT[:100], noise(50), b"z":
        coded = compressor.compress(part) + compressor.flush(nzip.FLUSH_BLOCK)
        assert decompressor.decompress(coded) == part
    assert compressor.flush(nzip.FLUSH_BLOCK) == b""
    assert decompressor.decompress(compressor.compress(b"end", nzip.FLUSH_BLOCK)) == b"end"
    assert decompressor.decompress(compressor.flush()) == b""
    assert decompressor.eof


def test_flush_block_in_a_solid_run():
    compressor = nzip.NzipCompressor(level=1, solid=100_000, block_size=500)
    coded = b"".join(
        compressor.compress(TEXT[at : at + 321], nzip.FLUSH_BLOCK) for at in range(0, len(TEXT), 321)
    )
    assert nzip.decompress(coded + compressor.flush()) == TEXT


def test_frames():
    compressor = nzip.NzipCompressor(level=1)
    assert compressor.last_mode == compressor.FLUSH_FRAME
    first = compressor.compress(b"one", compressor.FLUSH_FRAME)
    assert first == nzip.compress(b"one", level=1)
    second = compressor.compress(b"two")
    assert compressor.last_mode == compressor.CONTINUE
    second += compressor.flush()
    assert second == nzip.compress(b"two", level=1)
    assert compressor.flush() == nzip.compress(b"")
    assert nzip.decompress(first + second) == b"onetwo"


def test_modes_are_checked():
    compressor = nzip.NzipCompressor()
    for mode in -1, 3:
        with pytest.raises(ValueError, match="mode must be"):
            compressor.compress(b"", mode)
    with pytest.raises(ValueError, match="mode must be"):
        compressor.flush(nzip.CONTINUE)
    assert (nzip.CONTINUE, nzip.FLUSH_BLOCK, nzip.FLUSH_FRAME) == (0, 1, 2)


@pytest.mark.parametrize("size", [1, 1000, 2000])
@pytest.mark.parametrize("module", [nzip, bz2])
def test_the_end_shows_with_the_last_byte(module, size):
    coded = {nzip: nzip.compress(TEXT[:size], level=1, block_size=1000), bz2: bz2.compress(TEXT[:size])}[
        module
    ]
    decompressor = {nzip: nzip.NzipDecompressor, bz2: bz2.BZ2Decompressor}[module]()
    assert decompressor.decompress(coded + b"rest", max_length=size) == TEXT[:size]
    assert (decompressor.eof, decompressor.unused_data) == (True, b"rest")


def test_no_copies():
    for thing in nzip.NzipCompressor(), nzip.NzipDecompressor():
        for use in copy.copy, copy.deepcopy, pickle.dumps:
            with pytest.raises(TypeError, match="cannot pickle 'Nzip"):
                use(thing)


def test_threads_share_an_object():
    """Pieces come in any order, but none is lost, torn or returned twice."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        compressor, coded = nzip.NzipCompressor(1, block_size=1 << 20), []

        def write(number):
            for _ in range(40):
                coded.append(compressor.compress(bytes([number]) * 500))

        in_threads(write)
        decompressor, plain = nzip.NzipDecompressor(), []
        plain.append(decompressor.decompress(b"".join(coded) + compressor.flush(), 1))

        def read(_):
            while not decompressor.eof:
                try:
                    plain.append(decompressor.decompress(b"", 333))
                except EOFError:
                    return

        in_threads(read)
    finally:
        sys.setswitchinterval(interval)
    assert Counter(b"".join(plain)) == dict.fromkeys(range(4), 20000)


def in_threads(work):
    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def interrupted(monkeypatch):
    """The second wait for a block is, as by Ctrl-C."""
    result, waits = tasks.Task.result, []

    def interrupt(task, poll=None):
        waits.append(task)
        if len(waits) == 2:
            raise KeyboardInterrupt
        return result(task, poll)

    monkeypatch.setattr(tasks.Task, "result", interrupt)


@pytest.mark.usefixtures("interrupted")
def test_an_interrupted_compressor_loses_nothing():
    compressor = nzip.NzipCompressor(level=1, block_size=1000, threads=3)
    coded = compressor.compress(TEXT[:2500])
    with pytest.raises(KeyboardInterrupt):
        compressor.flush()
    coded += compressor.flush()
    assert nzip.decompress(coded) == TEXT[:2500]


@pytest.mark.usefixtures("interrupted")
def test_an_interrupted_decompressor_loses_nothing():
    decompressor = nzip.NzipDecompressor()
    with pytest.raises(KeyboardInterrupt):
        decompressor.decompress(CODED)
    assert decompressor.decompress(b"", 500) == TEXT[:500]
    assert decompressor.decompress(b"") == TEXT[500:]
    assert decompressor.eof


def test_what_precedes_damage_is_not_lost():
    last = nzip.info(io.BytesIO(CODED)).streams[0].blocks[-1]
    damaged = bytearray(CODED)
    damaged[last.offset + last.size - 20] ^= 1
    decompressor = nzip.NzipDecompressor()
    with pytest.raises(nzip.NzipChecksumError):
        decompressor.decompress(damaged)
    size = len(TEXT) // 1000 * 1000
    assert decompressor.decompress(b"", size) == TEXT[:size]
    with pytest.raises(nzip.NzipChecksumError):
        decompressor.decompress(b"")
