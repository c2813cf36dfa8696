"""No more comes out than is allowed, and the headers are enough to tell."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys

import pytest
from support.hostile import LONG, NETWORK, file_of, long_block
from support.samples import noise, words

import nzip
from nzip.archive import Archive, create, extract
from nzip.pipeline import DecodeOptions, decompress_stream, salvage_stream
from nzip.pipeline.coding import RunDecoder
from nzip.pipeline.cost import decoding_cost

PLAIN = words(3000)
CODED = nzip.compress(PLAIN, 1, block_size=1000)
LONG_FILE = file_of(long_block())


@pytest.fixture
def nothing_is_decoded(monkeypatch):
    monkeypatch.setattr(RunDecoder, "decode", None)


@pytest.mark.parametrize(
    "read",
    [
        lambda data, most: nzip.decompress(data, max_output=most),
        lambda data, most: nzip.NzipDecompressor(max_output=most).decompress(data),
        lambda data, most: nzip.open(io.BytesIO(data), max_output=most).read(),
        lambda data, most: decompress_stream(io.BytesIO(data), None, DecodeOptions(max_output=most)),
        lambda data, most: nzip.open(io.BytesIO(data), max_output=most).seek(0, io.SEEK_END),
        lambda data, most: salvage_stream(io.BytesIO(data), io.BytesIO(), DecodeOptions(max_output=most)),
    ],
    ids=["decompress", "decompressor", "open", "stream", "seek", "salvage"],
)
class TestEveryReader:
    def test_refuses_before_it_decodes(self, read, nothing_is_decoded):
        with pytest.raises(nzip.NzipLimitError, match="1073741824 bytes or more, and 1000000 are"):
            read(LONG_FILE, 1_000_000)

    def test_counts_all_blocks(self, read):
        read(CODED, 3000)
        with pytest.raises(nzip.NzipLimitError) as caught:
            read(CODED, 2999)
        assert (caught.value.announced, caught.value.limit) == (3000, 2999)


def test_streams_are_counted_together():
    assert nzip.decompress(CODED * 2, max_output=6000) == PLAIN * 2
    with pytest.raises(nzip.NzipLimitError):
        nzip.decompress(CODED * 2, max_output=5999)


def test_what_is_allowed_comes_before_the_error():
    file = nzip.open(io.BytesIO(CODED), max_output=2500)
    assert file.read(2000) == PLAIN[:2000]
    with pytest.raises(nzip.NzipLimitError):
        file.read(1)


def test_the_error():
    error = pickle.loads(pickle.dumps(nzip.NzipLimitError(5, 4)))
    assert (error.announced, error.limit, error.exit_code) == (5, 4, 7)
    assert isinstance(error, nzip.NzipError)
    with pytest.raises(ValueError, match="reading only"):
        nzip.open(io.BytesIO(), "w", max_output=1)


def test_archives(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_bytes(PLAIN)
    (tmp_path / "b").write_bytes(noise(100))
    file = io.BytesIO()
    create(file, ["a", "b"], nzip.EncodeOptions(1))
    (tmp_path / "out").mkdir()
    with Archive(file) as archive:
        with pytest.raises(nzip.NzipLimitError):
            extract(archive, "out", max_output=3099)
        assert list((tmp_path / "out").iterdir()) == []
        extract(archive, "out", [archive["b"]], max_output=100)
        extract(archive, "out", [archive["a"]], max_output=3000)


def test_the_cost_is_told_from_headers():
    slow = decoding_cost([long_block(35, experts=(NETWORK,))[0]])
    fast = decoding_cost([long_block(1)[0]])
    assert 3 * 3600 < slow.seconds < 8 * 3600
    assert 5 * 60 < fast.seconds < 20 * 60
    assert fast.memory > LONG
    unknown = decoding_cost([long_block(b"\0" * 16, table_log2=30, prime=b"\1" * 16)[0]])
    assert unknown.seconds > 3600
    assert unknown.memory > 2 * LONG
    assert decoding_cost([]) == (0, 0)


TAKEN = """
import resource, sys
import nzip
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    nzip.decompress(data, memory_limit=1 << 40)
except nzip.NzipError:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="pages of a size that is chosen, and memory in KiB")
def test_a_small_block_does_not_take_the_memory_that_it_announces(tmp_path):
    header, _ = long_block(4, coded_size=900, table_log2=30)
    data = file_of((header, noise(900)))
    done = subprocess.run(
        [sys.executable, "-c", TAKEN], input=data, capture_output=True, check=True, cwd=tmp_path
    )
    assert int(done.stdout) * 1024 < 500_000_000
