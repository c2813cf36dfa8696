"""The network in torch has the native evaluator's weights, on every device, for any lanes and steps."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.networks import KINDS, random_model, random_network
from support.samples import noise, plaintexts, words

from nzip import _native

torch = pytest.importorskip("torch", reason="the tests of the network in torch need it")

from nzip.models import torch_network  # noqa: E402
from nzip.models.torch_network import ABSENT, TorchNetwork  # noqa: E402
from nzip.models.torch_steps import RecordedSteps  # noqa: E402

CUDA = pytest.param(
    ("cuda", "int8"), marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
)


@pytest.fixture(scope="module", params=[("cpu", "int8"), ("cpu", "float32"), CUDA], ids="-".join)
def device(request):
    """With each type that products may have there."""
    name, operand = request.param
    device = torch.device(name)
    if operand == "int8" and not torch_network._has_int8_products(device):
        pytest.skip("no exact int8 products here")
    with pytest.MonkeyPatch.context() as patch:
        if operand == "float32":
            patch.setattr(torch_network, "_has_int8_products", lambda _: False)
        yield device


def native_weights(network: _native.Network, lane: bytes):
    return np.frombuffer(_native.network_weights(network, lane, 64), "<i4").reshape(-1, 256)


def lane_rows(lane: bytes, architecture: str = "glr1"):
    return np.frombuffer(_native.input_rows(lane, architecture), "<i4").reshape(len(lane), -1)


def torch_weights(network: TorchNetwork, lanes: list[bytes], architecture: str, stretch: int):
    """Each lane's weights, evaluated in stretches; lanes shorter than others are absent at the end."""
    rows = torch.full((max(map(len, lanes)), len(lanes), network.input_tables), ABSENT, dtype=torch.int32)
    for number, lane in enumerate(lanes):
        rows[: len(lane), number] = torch.tensor(lane_rows(lane, architecture))
    state, parts = network.fresh_state(len(lanes)), []
    for part in rows.to(network.device).split(stretch):
        weights, state = network.weights(part, state)
        parts.append(weights.cpu())
    whole = torch.cat(parts).numpy()
    return [whole[: len(lane), number] for number, lane in enumerate(lanes)]


def check(
    channels: int,
    layers: int,
    kind: str,
    seed: int,
    lanes: list[bytes],
    stretch: int,
    device,
    architecture: str = "glr1",
) -> None:
    """The lanes are blocks of their own."""
    shape = architecture, channels, layers
    network = TorchNetwork(random_model(*shape, kind, seed), device)
    native = _native.Network(random_network(*shape, kind, seed), *shape)
    for lane, weights in zip(lanes, torch_weights(network, lanes, architecture, stretch), strict=True):
        assert np.array_equal(weights, native_weights(native, lane))


@settings(deadline=None, max_examples=40)
@given(
    channels=st.sampled_from([32, 64, 96]),
    layers=st.integers(1, 3),
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 2**32 - 1),
    lanes=st.lists(plaintexts.map(lambda data: data[:80]).filter(bool), min_size=1, max_size=9),
    stretch=st.integers(1, 100),
)
def test_any_lanes(device, channels, layers, kind, seed, lanes, stretch):
    check(channels, layers, kind, seed, lanes, stretch, device)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("channels", "layers"), [(288, 6), (512, 8), (160, 2), (512, 1)])
def test_large_networks(device, channels, layers, kind):
    check(channels, layers, kind, 0, [words(60), noise(33), b"\0" * 20, b"\xff" * 20, b"\n" * 9], 25, device)


@pytest.mark.parametrize(
    ("channels", "layers", "kind"), [(32, 2, "any"), (64, 1, "extreme"), (288, 2, "sensible")]
)
def test_networks_that_see_statistics(device, channels, layers, kind):
    check(channels, layers, kind, 0, [words(60), words(60)[9:], b"\0" * 20, noise(33)], 25, device, "glr2")


@pytest.mark.parametrize("count", [1, 2, 16, 17, 31, 32, 33, 200])
def test_lanes_in_lock_step(device, count):
    text = words(20_000)
    check(64, 3, "sensible", 1, [text[100 * i : 100 * i + 20] for i in range(count)], 1, device)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 150])
def test_recorded_steps(device, count):
    """Lanes that go between steps; without a GPU a recording is a call of what it records."""
    network = TorchNetwork(random_model("glr1", 64, 3), device)
    recorded = []
    record = None if device.type == "cuda" else lambda call: recorded.append(call) or call
    steps = RecordedSteps(network, record)
    text = words(9000)
    rows = torch.tensor(lane_rows(text[: 10 * count])).view(10, count, -1).to(device)
    state = also = network.fresh_state(count)
    for step, lanes in enumerate([count, count, max(1, count // 2), max(1, count // 3)]):
        part, state, also = rows[step : step + 1, :lanes], state[:, :lanes], also[:, :lanes]
        expected, state = network.weights(part, state)
        weights, also = steps.weights(part, also)
        assert torch.equal(weights, expected)
        assert torch.equal(also, state)
    assert len(recorded) <= 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_million_steps(device, kind):
    data = words(500_000) + noise(500_000)
    lanes = [data[at : at + 4000] for at in range(0, len(data), 4000)]
    check(32, 2, kind, 2, lanes, 100, device)


def test_absent_positions_change_nothing(device):
    """Wherever they stand: as if the lane had only the others."""
    network = TorchNetwork(random_model("glr1", 64, 2), device)
    rows = torch.tensor(lane_rows(words(40)))
    kept = sorted(random.Random(0).sample(range(100), 40))
    spread = torch.full((100, 1, network.input_tables), ABSENT, dtype=torch.int32)
    spread[kept, 0] = rows
    expected, after = network.weights(rows[:, None].to(device), network.fresh_state(1))
    weights, spread_after = network.weights(spread.to(device), network.fresh_state(1))
    assert torch.equal(weights[kept], expected)
    assert torch.equal(after, spread_after)


@pytest.mark.parametrize("channels", [32, 288, 512])
def test_factors_of_every_size(device, channels):
    """Squares, and their neighbours, are where a root in double precision may round to the wrong side."""
    rng = random.Random(channels)
    sums = [168 * channels, 2**47, 2**48 - 1]
    for bits in range(7, 24):
        root = rng.randrange(2**bits, 2 ** (bits + 1))
        sums += [root * root + near for near in (-1, 0, 1)] + [2 ** (2 * bits) + near for near in (-1, 0, 1)]
    scale = math.isqrt(channels << 40)
    squares = torch.tensor(sums, device=device)[:, None]
    multiplier, shift = torch_network._norm_factor(squares, scale)
    for s, k, t in zip(sums, multiplier.flatten().tolist(), shift.flatten().tolist(), strict=True):
        e = (64 - s.bit_length()) // 2
        q = (scale << 32) // math.isqrt(s << 2 * e)
        n = q.bit_length() - 11
        assert (k, t) == (q >> n, 48 - e - n)
