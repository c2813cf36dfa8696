"""What nobody waits for any more ends within a moment, however long it would take."""

from __future__ import annotations

import io
import signal
import threading
import time

import pytest
from support.engines import ENGINE
from support.hostile import LONG, file_of, long_block
from support.samples import noise, program, words
from support.waiting import wait_for

import nzip
from nzip import _native
from nzip.format.block import BlockHeader, Segment, one_segment
from nzip.format.checksum import checksum64
from nzip.format.registry import InstructionSet, SegmentKind
from nzip.pipeline import (
    DecodeOptions,
    EncodeOptions,
    compress_stream,
    decompress_stream,
    resolve_decoding,
    salvage_stream,
)
from nzip.pipeline.decompress import plain_blocks
from nzip.pipeline.own_primes import make_own_prime
from nzip.pipeline.table import BlockTable
from nzip.transforms.chain import transform
from nzip.transforms.contract import Plain

SECONDS = 3.0  # it takes 0.1 s on a machine that does nothing else

FIRST = BlockHeader(4, checksum64(b"nzip"), 4, None), b"nzip"
TWO = DecodeOptions(threads=2)
FILE = file_of(FIRST, long_block())


def coding_threads() -> int:
    return sum(thread.name == "nzip block" for thread in threading.enumerate())


@pytest.fixture(autouse=True)
def _all_threads_end():
    wait_for(lambda: not coding_threads(), SECONDS)
    yield
    wait_for(lambda: not coding_threads(), SECONDS)


def engine(profile, *, network=False, table_log2=22):
    experts = []
    if network:
        from nzip.models.store import NETWORKS

        experts = [NETWORKS.get(1).value.expert()]
    return ENGINE.engine(profile, table_log2, experts)


UTF16 = "What is not ASCII - \u00e9, \u00fc - is the same. ".encode("utf-16-le")


@pytest.mark.parametrize(
    "work",
    [
        *(
            pytest.param(
                lambda stop, profile=profile, lanes=lanes, network=network: engine(
                    profile, network=network
                ).decode(bytes(5000), LONG, lanes, one_segment(LONG), stop),
                id=f"decode-{profile}-{lanes}-{network}",
            )
            for profile in (1, 2, 3, 4)
            for lanes in (1, 1024)
            for network in (False, True)
        ),
        pytest.param(
            lambda stop: engine(4).decode(
                bytes(5000), LONG, 1, [Segment(SegmentKind.SAMPLES, 0b1_0000_0001, LONG)], stop
            ),
            id="numbers",
        ),
        pytest.param(
            lambda stop: engine(1).encode(noise(1 << 20) * 64, 1, one_segment(64 << 20), stop=stop),
            id="encode",
        ),
        pytest.param(
            lambda stop: engine(1).learn(noise(1 << 20) * 64, one_segment(64 << 20), stop), id="learn"
        ),
        pytest.param(lambda stop: ENGINE.warm(4, words(1 << 16) * 512, stop), id="warm"),
        pytest.param(
            lambda stop: [_native.detect(program(1 << 16) * 256, stop) for _ in range(1000)], id="detect"
        ),
        pytest.param(
            lambda stop: [transform(Plain(UTF16 * 200_000), stop) for _ in range(1000)], id="transform"
        ),
        pytest.param(
            lambda stop: [_native.find_repeats(bytes(LONG >> 3), stop) for _ in range(1000)],
            id="find repeats",
        ),
        pytest.param(
            lambda stop: [_native.restore_repeats(b"x", [(1, LONG - 1, 1)], LONG, stop) for _ in range(1000)],
            id="restore repeats",
        ),
        pytest.param(
            lambda stop: engine(1).encode(
                program(1 << 16) * 1024,
                1,
                [Segment(SegmentKind.EXECUTABLE, InstructionSet.X86, 1 << 26)],
                stop=stop,
            ),
            id="machine code",
        ),
    ],
)
def test_native_work_ends_when_it_is_stopped(work):
    stop, ended = _native.Stop(), []

    def run():
        with pytest.raises(_native.StoppedError):
            work(stop)
        ended.append(True)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    time.sleep(0.3)
    assert not ended
    stop.set()
    thread.join(SECONDS)
    assert ended


def test_only_what_was_stopped_ends():
    stop, going_on = _native.Stop(), _native.Stop()
    stop.set()
    data = words(10_000)
    with pytest.raises(_native.StoppedError):
        engine(1).encode(data, 1, one_segment(len(data)), stop=stop)
    assert engine(1).encode(data, 1, one_segment(len(data)), stop=going_on)


def test_a_generator_that_is_closed():
    blocks = plain_blocks(io.BytesIO(FILE), resolve_decoding(TWO))
    assert next(blocks) == b"nzip"
    assert coding_threads() == 1
    blocks.close()


def test_whoever_reports_progress_ends_it():
    def progress(_plain, _coded):
        if coding_threads():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        decompress_stream(io.BytesIO(FILE), None, TWO, progress=progress)


def test_a_target_that_fails():
    class Full(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        decompress_stream(io.BytesIO(FILE), Full(), TWO)
    source = io.BytesIO(words(1 << 20))
    options = EncodeOptions(5, block_size=1 << 18, threads=2, prime="none")
    with pytest.raises(OSError, match="full"):
        compress_stream(source, Full(), options)


def test_damage_ends_what_comes_after_it():
    damaged = FIRST[0], b"zip?"
    with pytest.raises(nzip.NzipChecksumError) as caught:
        nzip.decompress(file_of(damaged, long_block()), threads=2)
    wait_for(lambda: not coding_threads(), SECONDS)
    assert caught.value  # which has all frames


def test_a_file_that_is_closed():
    with nzip.open(io.BytesIO(FILE), threads=2) as file:
        assert file.read(4) == b"nzip"
        assert coding_threads() == 1


def test_a_decompressor_that_is_forgotten():
    decompressor = nzip.NzipDecompressor()
    decompressor._decoder._window.size = 2
    assert decompressor.decompress(FILE, 4) == b"nzip"
    assert coding_threads() == 1
    del decompressor


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda: nzip.decompress(FILE), id="decompress"),
        pytest.param(lambda: nzip.NzipDecompressor().decompress(FILE), id="decompressor"),
        pytest.param(lambda: list(BlockTable(io.BytesIO(FILE), 0).plain_blocks(1)), id="seeking"),
        pytest.param(lambda: list(BlockTable(io.BytesIO(FILE), 0).chosen_blocks([1], 1)), id="chosen"),
        pytest.param(lambda: salvage_stream(io.BytesIO(FILE), io.BytesIO()), id="salvage"),
        pytest.param(lambda: nzip.compress(words(8 << 20), 5, prime="none"), id="compress"),
        pytest.param(
            lambda: make_own_prime(words(4 << 20), EncodeOptions(8, model="none", prime="none")),
            id="own prime",
        ),
    ],
)
def test_a_wait_that_is_interrupted(work):
    """Ctrl-C comes through at once, which it would not if the caller's own thread were in native code."""
    main = threading.main_thread().ident
    timer = threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        work()
    timer.join()
