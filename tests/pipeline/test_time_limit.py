"""What is announced to take longer than allowed is refused, and what takes longer is ended."""

from __future__ import annotations

import io
import pickle
import time

import pytest
from support.hostile import LONG, NETWORK, file_of, long_block
from support.samples import words

import nzip
from nzip.archive import Archive, create, extract
from nzip.pipeline import DecodeOptions, decompress_stream, salvage_stream
from nzip.pipeline.coding import RunDecoder
from nzip.pipeline.own_primes import make_own_prime

PLAIN = words(3000)
CODED = nzip.compress(PLAIN, 1, block_size=1000)
HOURS = file_of(long_block(35, experts=(NETWORK,)))
# Is announced to take a fraction of a second, and a decoder that is slow takes long.
SHORT = nzip.compress(words(20_000), 1)

READERS = {
    "decompress": lambda data, **most: nzip.decompress(data, **most),
    "decompressor": lambda data, **most: nzip.NzipDecompressor(**most).decompress(data),
    "open": lambda data, **most: nzip.open(io.BytesIO(data), **most).read(),
    "stream": lambda data, **most: decompress_stream(io.BytesIO(data), None, DecodeOptions(**most)),
    "seek": lambda data, **most: _sought(nzip.open(io.BytesIO(data), **most)),
    "salvage": lambda data, **most: salvage_stream(io.BytesIO(data), io.BytesIO(), DecodeOptions(**most)),
}


def _sought(file):
    file.seek(-1, io.SEEK_END)
    return file.read()


@pytest.fixture(params=READERS)
def read(request):
    return READERS[request.param]


def test_hours_are_refused_before_they_begin(read, monkeypatch):
    monkeypatch.setattr(RunDecoder, "decode", None)
    with pytest.raises(nzip.NzipTimeError, match=r"takes \d+\.\d seconds or more, and 60\.0 are") as caught:
        read(HOURS, max_seconds=60)
    assert 3 * 3600 < caught.value.announced < 8 * 3600
    assert caught.value.limit == 60


def test_a_short_time_is_allowed(read):
    read(CODED, max_seconds=600)


def test_time_that_passes_is_counted(read, monkeypatch):
    def decode(_run, _header, _payload, gauge, *_helpers):
        while True:  # as native work does
            time.sleep(0.01)
            gauge.stop.check()

    monkeypatch.setattr(RunDecoder, "decode", decode)
    begin = time.monotonic()
    with pytest.raises(nzip.NzipTimeError):
        read(SHORT, max_seconds=0.5)
    assert time.monotonic() - begin < 10


def test_blocks_are_counted_together():
    most = nzip.pipeline.cost.decoding_cost(block.header for block in _info(CODED)).seconds
    assert nzip.decompress(CODED, max_seconds=600 + most)
    with pytest.raises(nzip.NzipTimeError):
        nzip.decompress(CODED, max_seconds=0.9 * most)
    file = nzip.open(io.BytesIO(CODED), max_seconds=0.9 * most)
    assert file.read(1000) == PLAIN[:1000]


def _info(data):
    (stream,) = nzip.info(io.BytesIO(data)).streams
    return stream.blocks


def test_a_prime_in_the_file_counts():
    own = make_own_prime(words(1 << 20), nzip.EncodeOptions(1))
    data = file_of((long_block()[0], bytes(5000)), records=own.record)
    assert own.prime.seconds == 0  # it is there
    with pytest.raises(nzip.NzipTimeError) as caught:
        nzip.decompress(data, max_seconds=0.001)
    assert 0.5 < caught.value.announced < 100  # long before the block


def test_archives():
    file = io.BytesIO()
    create(file, [__file__], nzip.EncodeOptions(1))
    with Archive(file, max_seconds=1e-6) as archive:
        with pytest.raises(nzip.NzipTimeError):
            extract(archive, "nowhere")
        with pytest.raises(nzip.NzipTimeError):
            archive.read(archive.members[-1])


def test_language_models_are_slow():
    from nzip.format.block import Expert
    from nzip.format.registry import ExpertKind
    from nzip.pipeline.cost import decoding_cost

    model = Expert(ExpertKind.LANGUAGE_MODEL, bytes(16), b"")
    header, _ = long_block(35, plain_size=LONG >> 10, experts=(NETWORK, model))
    assert decoding_cost([header]).seconds > 3600


def test_the_error():
    error = pickle.loads(pickle.dumps(nzip.NzipTimeError(5.0, 4)))
    assert (error.announced, error.limit, error.exit_code) == (5.0, 4, 7)
    assert isinstance(error, nzip.NzipLimitError)
    for name in "max_seconds", "max_output":
        with pytest.raises(ValueError, match="reading only"):
            nzip.open(io.BytesIO(), "w", **{name: 1})
