"""Threads that help with a block's network change nothing but time."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.batch_jobs import quick_job, run_job
from support.engines import ENGINE
from support.networks import random_network
from support.samples import TEXT, noise, pieces, plaintexts, words

import nzip
from nzip import _native
from nzip.format.registry import SegmentKind
from nzip.pipeline import memory, resolve_encoding
from nzip.pipeline.compress import compress_stream

HELPERS = (1, 2, 3, 40)
SHAPES = ("glr1", 64, 3), ("glr2", 32, 2)
NETWORKS = {shape[0]: _native.Network(random_network(*shape), *shape) for shape in SHAPES}
NETWORK = NETWORKS["glr1"]
KINDS = st.sampled_from([SegmentKind.TEXT, SegmentKind.BINARY, SegmentKind.PACKED])


@st.composite
def blocks(draw):
    """Plaintext, lanes, and segments of which some are packed."""
    plain = draw(st.sampled_from([TEXT, words(1500)])) + draw(plaintexts)
    cuts = draw(st.lists(st.integers(0, 10**6), max_size=5))
    segments = [(draw(KINDS), 0, len(part)) for part in pieces(plain, cuts) if part]
    return plain, draw(st.sampled_from([1, 2, 7, 63, 64, 65, 200])), segments


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@settings(deadline=None, max_examples=60)
@given(sequence=st.lists(blocks(), min_size=1, max_size=3), helpers=st.sampled_from(HELPERS))
def test_the_same_bytes(network, sequence, helpers):
    alone, helped = (ENGINE.engine(2, 16, [network.expert(helpers=count)]) for count in (0, helpers))
    decoder = ENGINE.engine(2, 16, [network.expert()])
    for plain, lanes, segments in sequence:
        coded = alone.encode(plain, lanes, segments)
        assert helped.encode(plain, lanes, segments) == coded
        if coded is None:  # the engines are then in no defined state
            return
        assert decoder.decode(coded, len(plain), lanes, segments) == plain


def test_a_reference():
    text, reference = words(500), words(3000) + noise(100)
    coded = set()
    for helpers in (0, *HELPERS):
        engine = ENGINE.engine(2, 16, [NETWORK.expert(helpers=helpers)])
        engine.learn(reference, [(SegmentKind.TEXT, 0, len(reference))])
        coded.add(engine.encode(text, 1, [(SegmentKind.TEXT, 0, len(text))]))
    assert len(coded) == 1


def test_a_block_that_does_not_pay_is_given_up():
    engine = ENGINE.engine(2, 16, [NETWORK.expert(helpers=2)])
    assert engine.encode(noise(100_000), 1, [(SegmentKind.BINARY, 0, 100_000)]) is None


@pytest.mark.parametrize("size", [1, 3000, 70_000])
def test_streams(size):
    data = words(70_000)[:size]
    options = {"prime": "none", "block_size": 1 << 15}
    streams = {nzip.compress(data, 3, threads=threads, **options) for threads in (1, 2, 7)}
    assert len(streams) == 1


@pytest.mark.parametrize(
    ("threads", "blocks", "helpers"), [(1, 1, 0), (2, 1, 1), (16, 1, 15), (16, 3, 4), (4, 4, 0), (2, 5, 0)]
)
def test_how_many(threads, blocks, helpers):
    assert memory.helpers_for(resolve_encoding(nzip.EncodeOptions(3, threads=threads)), blocks) == helpers


def test_only_threads_that_no_block_needs_help(monkeypatch):
    """A stream whose length nobody knows may have a block for each thread, until it ends."""
    asked = []
    monkeypatch.setattr("nzip.pipeline.encoder.helpers_for", lambda _, blocks: asked.append(blocks) or 0)
    data = words(100_000)
    compress_stream(
        io.BytesIO(data),
        io.BytesIO(),
        nzip.EncodeOptions(1, model="none", prime="none", block_size=1 << 15, threads=6),
    )
    assert asked == [1, 6, 6, 6, 4]  # the first for a solid run


@pytest.mark.parametrize("values", [{}, {"archives": 1 << 20}], ids=["files", "archives"])
def test_a_job_has_its_own_use_for_threads(monkeypatch, tmp_path, values):
    (tmp_path / "source").mkdir()
    (tmp_path / "source/a").write_bytes(words(1000))
    monkeypatch.delattr("nzip.pipeline.encoder.helpers_for")
    assert run_job(quick_job(tmp_path, jobs=4, **values)) == ["a"]
