"""The network's weights are the specification's, with every instruction set and in batches of any size."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.networks import KINDS, random_network, random_tensors
from support.reference_net import network_weights
from support.samples import noise, plaintexts, words

from nzip import _native

BATCHES = (1, 7, 64)
Shape = tuple[str, int, int]  # architecture, channels, layers
WORKER = """
import hashlib, pickle, sys
from nzip import _native

print(_native.simd_name(), flush=True)
while True:
    tensors, shape, data, batches = pickle.load(sys.stdin.buffer)
    network = _native.Network(tensors, *shape)
    for batch in batches:
        print(hashlib.sha256(_native.network_weights(network, data, batch)).hexdigest(), flush=True)
"""

# Indentation, columns beyond those that are told apart, lines with nothing above, long words, high bytes.
TEXT = b"".join(
    [b"def f(x):\n\treturn {\n        'Key': x,  # \xc3\xa4\n    }\n\n\n", b"a" * 50 + b" " * 100 + b"b\n"]
)


class Worker:
    """A process that computes weights with one instruction set: that is chosen once in each process."""

    def __init__(self, simd: str, folder) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=folder,
            env={**os.environ, "NZIP_SIMD": simd},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if (name := self._line()) != simd:
            error = self._process.communicate()[1].decode()
            assert f"NZIP_SIMD={simd} is not available" in error, name + error
            pytest.skip(f"no {simd} here")

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def digests(self, tensors: bytes, shape: Shape, data: bytes, *batches: int) -> set[str]:
        """The digest of all weights for each batch; there should be but one."""
        pickle.dump((tensors, shape, data, batches), self._process.stdin)
        self._process.stdin.flush()
        return {self._line() for _ in batches}

    def _line(self) -> str:
        return self._process.stdout.readline().decode().strip()


@pytest.fixture(scope="module", params=["scalar", "avx2", "avx512", "neon"])
def worker(request, tmp_path_factory):
    with Worker(request.param, tmp_path_factory.mktemp("worker")) as worker:
        yield worker


def expected(shape: Shape, kind: str, seed: int, data: bytes) -> str:
    weights = network_weights(random_tensors(*shape, kind, seed), *shape, data)
    return hashlib.sha256(weights.astype("<u4").tobytes()).hexdigest()


@settings(deadline=None, max_examples=25)
@given(
    channels=st.sampled_from([32, 64, 96]),
    layers=st.integers(1, 3),
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 2**32 - 1),
    data=plaintexts.map(lambda data: data[:150]) | st.just(TEXT),
    batch=st.integers(1, 200),
)
def test_small_networks(worker, channels, layers, kind, seed, data, batch):
    shape = "glr1", channels, layers
    digests = worker.digests(random_network(*shape, kind, seed), shape, data, *BATCHES, batch)
    assert digests == {expected(shape, kind, seed, data)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("channels", "layers"), [(384, 4), (512, 8), (160, 2), (288, 1)])
def test_large_networks(worker, channels, layers, kind):
    shape, data = ("glr1", channels, layers), words(40) if channels == 384 else TEXT[:20]
    assert worker.digests(random_network(*shape, kind), shape, data, *BATCHES) == {
        expected(shape, kind, 0, data)
    }


@pytest.mark.parametrize(
    ("channels", "layers", "kind"), [(32, 2, "any"), (64, 1, "extreme"), (288, 5, "sensible")]
)
def test_networks_that_see_statistics(worker, channels, layers, kind):
    shape, data = ("glr2", channels, layers), TEXT + words(25) * 3
    assert worker.digests(random_network(*shape, kind), shape, data, *BATCHES) == {
        expected(shape, kind, 0, data)
    }


@pytest.fixture(scope="module")
def scalar(tmp_path_factory):
    with Worker("scalar", tmp_path_factory.mktemp("scalar")) as worker:
        worker.digests = cache(worker.digests)  # every other instruction set asks for the same ones
        yield worker


def test_text(worker, scalar):
    shape, data = ("glr1", 384, 4), TEXT + words(2000) + noise(100)
    tensors = random_network(*shape)
    assert worker.digests(tensors, shape, data, *BATCHES) == scalar.digests(tensors, shape, data, 64)


@pytest.mark.slow
def test_a_million_steps(worker, scalar):
    shape = "glr1", 64, 3
    tensors = random_network(*shape)
    for number in range(10):
        data = noise(1000, number) + words(100_000)[number:]
        assert worker.digests(tensors, shape, data, 64) == scalar.digests(tensors, shape, data, 64)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [("glr1", 384, 4), ("glr2", 288, 5)])
def test_long_text(worker, scalar, shape):
    tensors, data = random_network(*shape), words(10_000) + noise(1000)
    assert worker.digests(tensors, shape, data, 1, 64) == scalar.digests(tensors, shape, data, 64)


@pytest.mark.slow
def test_long_text_against_the_specification():
    shape, data = ("glr1", 32, 2), words(20_000) + noise(1000)
    network = _native.Network(random_network(*shape), *shape)
    weights = np.frombuffer(_native.network_weights(network, data, 64), "<u4").reshape(-1, 256)
    assert np.array_equal(weights, network_weights(random_tensors(*shape), *shape, data)[:, 0])


def test_the_networks_are_not_trivial():
    """Their predictions differ from position to position and depend on far bytes."""
    network = _native.Network(random_network("glr1", 384, 4), "glr1", 384, 4)

    def weights(data: bytes):
        return np.frombuffer(_native.network_weights(network, data, 64), "<u4").reshape(-1, 256)

    text = words(300)
    first, second = weights(text), weights(b"#" + text[1:])
    assert len(np.unique(first, axis=0)) > 250
    assert not np.array_equal(first[50:], second[50:])
    assert first.sum(axis=1).max() <= 2**30


# What is no network


@pytest.mark.parametrize(
    ("channels", "layers"), [(0, 1), (31, 1), (48, 1), (544, 1), (-32, 1), (32, 0), (32, 9), (32, -1)]
)
def test_sizes_that_do_not_exist(channels, layers):
    with pytest.raises(ValueError, match=r"channels|layers"):
        _native.Network(bytes(400_000), "glr1", channels, layers)


def test_an_architecture_that_does_not_exist():
    with pytest.raises(ValueError, match="architecture glr9"):
        _native.Network(bytes(400_000), "glr9", 32, 1)


def test_tensors_of_another_size():
    tensors = random_network("glr1", 32, 2)
    for wrong in b"", tensors[:-1], tensors + b"\0":
        with pytest.raises(ValueError, match=f"{len(wrong)} bytes instead of {len(tensors)}"):
            _native.Network(wrong, "glr1", 32, 2)


def test_values_out_of_range():
    tensors = random_network("glr1", 32, 2)
    for shift in 0, 26, 255:
        for position in 1, 4:
            wrong = bytearray(tensors)
            wrong[-position] = shift
            with pytest.raises(ValueError, match="shift"):
                _native.Network(wrong, "glr1", 32, 2)
    bias = 2 * 256
    for position in 4 + bias + 1, 4 + bias + 2 * 256 - 1:  # the high bytes of the last and the first of `mo`
        wrong = bytearray(tensors)
        wrong[-position] = 16
        with pytest.raises(ValueError, match="multiplier"):
            _native.Network(wrong, "glr1", 32, 2)


def test_a_batch_of_none():
    network = _native.Network(random_network("glr1", 32, 1), "glr1", 32, 1)
    with pytest.raises(ValueError, match="batch"):
        _native.network_weights(network, b"abc", 0)
    assert _native.network_weights(network, b"", 1) == b""
