"""Threads, memory and runs: what may change speed and memory never changes a byte."""

import dataclasses
import io
import pickle
import threading
import tracemalloc

import pytest
from support.samples import TEXT, noise

import nzip
from nzip import pipeline, tasks
from nzip.format.block import BlockHeader
from nzip.format.checksum import checksum64
from nzip.format.writer import StreamWriter
from nzip.pipeline import EncodeOptions, memory
from nzip.resources.resources import Resources
from nzip.tasks import Task, Window

DATA = b"".join(TEXT[:700] + noise(100, seed) for seed in range(30))


@pytest.mark.parametrize("options", [{}, {"solid": 5000}, {"verify": True}, {"lanes": 3}])
def test_threads_change_nothing(options):
    coded = {
        nzip.compress(DATA, level=1, block_size=1000, threads=threads, **options)
        for threads in (1, 2, 3, 4, 0)
    }
    assert len(coded) == 1
    for threads in 1, 2, 3, 4, 0:
        assert nzip.decompress(*coded, threads=threads) == DATA


def test_verify_changes_nothing():
    for options in {}, {"solid": 5000}:
        coded = nzip.compress(DATA, level=1, block_size=1000, **options)
        assert nzip.compress(DATA, level=1, block_size=1000, verify=True, **options) == coded


@pytest.mark.parametrize("solid", [None, 4000])
def test_verify_notices(monkeypatch, solid):
    class WrongDecoder:
        def __init__(self, *_):
            pass

        def admit(self, *_):
            pass

        def decode(self, header, *_):
            return b"x" * header.plain_size

    monkeypatch.setattr(pipeline.coding, "RunDecoder", WrongDecoder)
    nzip.compress(DATA, level=1, block_size=1000, solid=solid)
    with pytest.raises(nzip.NzipError, match="does not decode to what was coded"):
        nzip.compress(DATA, level=1, block_size=1000, solid=solid, verify=True)


def test_errors_do_not_depend_on_threads():
    coded = bytearray(nzip.compress(DATA, level=1, block_size=1000))
    blocks = nzip.info(io.BytesIO(coded)).streams[0].blocks
    coded[blocks[7].offset + 60] ^= 1
    for damaged in coded, coded[: blocks[12].offset + 5], coded[: blocks[3].offset + 5]:
        seen = set()
        for threads in 1, 2, 4, 40:
            restored = io.BytesIO()
            with pytest.raises(nzip.NzipError) as caught:
                pipeline.decompress_stream(io.BytesIO(damaged), restored, nzip.DecodeOptions(threads=threads))
            seen.add((type(caught.value), str(caught.value), restored.getvalue()))
        assert len(seen) == 1


def test_solid_runs():
    coded = nzip.compress(DATA, level=1, block_size=1000, solid=5000)
    blocks = nzip.info(io.BytesIO(coded)).streams[0].blocks
    assert [block.header.continues for block in blocks[:7]] == [False, True, True, True, True, False, True]
    assert len(coded) < len(nzip.compress(DATA, level=1, block_size=1000))


def test_a_stored_block_ends_a_run():
    data = TEXT[:1000] + noise(1000) + TEXT[:2000]
    coded = nzip.compress(data, level=1, block_size=1000, solid=100_000)
    headers = [block.header for block in nzip.info(io.BytesIO(coded)).streams[0].blocks]
    assert [header.coding is None for header in headers] == [False, True, False, False]
    assert [header.continues for header in headers] == [False, False, False, True]
    assert nzip.decompress(coded) == data


def test_a_run_is_never_longer_than_it_may_be():
    assert pipeline.resolve_encoding(EncodeOptions(level=1, solid=1000)).block_bytes == 1000
    coded = nzip.compress(TEXT, level=1, solid=1000, block_size=900)
    assert not any(block.header.continues for block in nzip.info(io.BytesIO(coded)).streams[0].blocks[:-1])


def test_progress_and_totals():
    seen = []
    coded, restored = io.BytesIO(), io.BytesIO()
    options = EncodeOptions(level=1, block_size=1000, threads=2)
    totals = pipeline.compress_stream(
        io.BytesIO(DATA), coded, options, progress=lambda *done: seen.append(done)
    )
    assert [done[0] for done in seen] == sorted(done[0] for done in seen)
    assert seen[-1] == (totals.plain, totals.coded) == (len(DATA), len(coded.getvalue()))
    assert totals.blocks == 24
    seen.clear()
    coded.seek(0)
    assert totals == pipeline.decompress_stream(
        coded, restored, nzip.DecodeOptions(threads=2), progress=lambda *done: seen.append(done)
    )
    assert seen == sorted(seen)
    assert seen[-1][0] == len(DATA)


@pytest.mark.parametrize(
    "options", [{}, {"verify": True}, {"threads": 2, "block_size": 100_000}, {"solid": 10**6}]
)
def test_progress_within_a_block(monkeypatch, options):
    monkeypatch.setattr(tasks, "POLL_SECONDS", 0.002)
    data = b"".join(b"%d squared is %d\n" % (number, number**2) for number in range(12_000))
    options = EncodeOptions(**{"level": 3, "threads": 1, **options})
    expected = nzip.compress(data, level=3, block_size=options.block_size, solid=options.solid)
    coded, restored = io.BytesIO(), io.BytesIO()
    for work in (
        lambda progress: pipeline.compress_stream(io.BytesIO(data), coded, options, progress=progress),
        lambda progress: pipeline.decompress_stream(
            io.BytesIO(expected), restored, options.decode_options(), progress=progress
        ),
    ):
        seen: list[tuple[int, int]] = []
        totals = work(lambda *done, seen=seen: seen.append(done))
        plain = [done[0] for done in seen]
        assert len(set(plain)) > totals.blocks + 5
        assert plain == sorted(plain)
        assert seen[-1] == (len(data), len(expected))
    assert (coded.getvalue(), restored.getvalue()) == (expected, data)


def test_a_test_writes_nothing():
    totals = pipeline.decompress_stream(io.BytesIO(nzip.compress(DATA, level=1)), None)
    assert totals.plain == len(DATA)


class Endless(io.RawIOBase):
    """So many bytes of text, never in memory."""

    def __init__(self, size):
        self.left = size

    def readable(self):
        return True

    def readinto(self, buffer):
        size = min(self.left, len(buffer), len(TEXT))
        buffer[:size] = TEXT[:size]
        self.left -= size
        return size


def test_memory_does_not_grow_with_the_input(monkeypatch):
    """At most ``threads`` blocks are in flight, and what is done is written."""
    most = 0
    original = Window.add

    def add(window, work, *args, **kwargs):
        nonlocal most
        original(window, work, *args, **kwargs)
        most = max(most, len(window))

    monkeypatch.setattr(Window, "add", add)
    options = EncodeOptions(level=1, block_size=1000, threads=3)
    coded = io.BytesIO()
    pipeline.compress_stream(Endless(100_000), coded, options)
    assert most == 3
    coded.seek(0)
    most = 0
    pipeline.decompress_stream(coded, None, nzip.DecodeOptions(threads=3))
    assert most == 3


def test_a_decoder_lowers_its_threads_to_fit(monkeypatch):
    coded = nzip.compress(DATA, level=1, block_size=1000)
    block = nzip.info(io.BytesIO(coded)).streams[0].blocks[0].header
    run = pipeline.coding.open_run(block, Resources())
    each = memory.decode_memory(run, block, block.plain_size)
    most = 0
    original = Window.add

    def add(window, work, *args, **kwargs):
        nonlocal most
        original(window, work, *args, **kwargs)
        most = max(most, window.memory)

    monkeypatch.setattr(Window, "add", add)
    limit = each * 5 // 2
    assert nzip.decompress(coded, threads=8, memory_limit=limit) == DATA
    assert each < most <= limit


def test_threads_for():
    one = pipeline.memory_needed(EncodeOptions(level=1, threads=1))
    each = pipeline.memory_needed(EncodeOptions(level=1, threads=2)) - one
    limit = one + 2 * each
    assert pipeline.threads_for(EncodeOptions(level=1, threads=8, memory_limit=limit)) == 3
    assert pipeline.threads_for(EncodeOptions(level=1, threads=8, memory_limit=limit - 1)) == 2
    assert pipeline.threads_for(EncodeOptions(level=1, threads=2, memory_limit=limit)) == 2
    assert pipeline.threads_for(EncodeOptions(level=1, threads=8, solid=1 << 20)) == 1
    assert pipeline.threads_for(EncodeOptions(level=1, threads=8, block_size=1000), size_hint=2001) == 3
    assert pipeline.threads_for(EncodeOptions(level=1, threads=8), size_hint=0) == 1
    assert pipeline.memory_needed(EncodeOptions(level=1, threads=8, memory_limit=limit)) == limit
    with pytest.raises(nzip.NzipMemoryError) as caught:
        pipeline.threads_for(EncodeOptions(level=1, memory_limit=one - 1))
    assert (caught.value.needed, caught.value.limit) == (one, one - 1)
    # What a whole block of the level would need does not matter to a small input.
    assert nzip.compress(TEXT, level=1, memory_limit=one - 1) == nzip.compress(TEXT, level=1)


def test_the_encoder_refuses_before_it_starts():
    with pytest.raises(nzip.NzipMemoryError):
        pipeline.compress_stream(io.BytesIO(TEXT), io.BytesIO(), EncodeOptions(memory_limit=10**6))


def test_more_than_the_size_hint_is_planned_for_again():
    options = EncodeOptions(level=1, threads=3, block_size=1 << 14)
    limit = pipeline.memory_needed(options, 5000)
    small = dataclasses.replace(options, memory_limit=limit)
    grown = io.BytesIO()
    pipeline.compress_stream(io.BytesIO(TEXT[:5000]), grown, small, size_hint=1000)  # still fits
    assert nzip.decompress(grown.getvalue()) == TEXT[:5000]
    with pytest.raises(nzip.NzipMemoryError):
        pipeline.compress_stream(io.BytesIO(bytes(1 << 16)), io.BytesIO(), small, size_hint=1000)
    coded, same = io.BytesIO(), io.BytesIO()
    pipeline.compress_stream(io.BytesIO(noise(1 << 16)), coded, options, size_hint=1000)
    pipeline.compress_stream(io.BytesIO(noise(1 << 16)), same, options)
    assert coded.getvalue() == same.getvalue()


def test_a_size_hint_does_not_outwit_the_limit():
    options = EncodeOptions(memory_limit=30_000_000)
    with pytest.raises(nzip.NzipMemoryError):
        pipeline.compress_stream(io.BytesIO(bytes(1_000_000)), io.BytesIO(), options, size_hint=1000)


@pytest.mark.parametrize("solid", [None, 1 << 20])
@pytest.mark.parametrize("lanes", [1, 64])
def test_what_was_coded_within_a_limit_decodes_within_it(solid, lanes):
    options = EncodeOptions(level=1, block_size=1 << 18, solid=solid, lanes=lanes)
    coded = io.BytesIO()
    pipeline.compress_stream(Endless(1 << 20), coded, options)
    assert nzip.decompress(
        coded.getvalue(), memory_limit=memory.block_memory(pipeline.resolve_encoding(options))
    )


def test_a_block_is_gone_before_the_next_one_is_decoded():
    part, writer = bytes(4_000_000), StreamWriter()
    block = BlockHeader(len(part), checksum64(part), len(part), None)
    source = io.BytesIO(writer.begin() + writer.block(block, part) + writer.block(block, part) + writer.end())
    tracemalloc.start()
    try:
        pipeline.decompress_stream(source, None, nzip.DecodeOptions(threads=1))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000  # the payload in the input buffer and outside, but no third block


def test_default_memory_limit():
    assert 0 < pipeline.default_memory_limit() <= 4 * 10**9


def test_errors_can_be_pickled():
    error = pickle.loads(pickle.dumps(nzip.NzipMemoryError(10, 5)))
    assert (error.needed, error.limit, str(error)) == (10, 5, "needs 10 bytes of memory, the limit is 5")


def test_a_task_runs_on_its_own_thread():
    assert Task(threading.get_ident).result() != threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        Task(lambda: 1 // 0).result()


def test_work_that_failed_fails_again():
    window = Window(2)
    window.add(lambda: 1 // 0)
    window.add(lambda: 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            window.pop()


def test_wrong_threads():
    with pytest.raises(ValueError, match="threads is -1"):
        nzip.decompress(nzip.compress(b""), threads=-1)
