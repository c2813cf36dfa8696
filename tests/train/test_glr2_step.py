"""A step of learning of glr2: against plain torch, and the tables' rules one by one."""

import numpy as np
import pytest
import torch

from nzip.models.inputs import InputTable
from nzip.train import reference
from nzip.train.glr2 import products
from nzip.train.glr2.network import Network, Step
from nzip.train.quantize import weights

D, LAYERS, LANES, STEPS = 64, 3, 2, 32
NAMED = np.array([0, 2, 5, 9, 14, 20, 28, 40]) / 32
LAYOUT = [
    InputTable("gate", 7, 3 * D, 0, False, True),
    InputTable("whole", 5, D, 0, False, False),
    InputTable("named", 9, D // 2, D // 4, True, False),
]


@pytest.fixture
def network():
    network = Network(D, LAYERS, 3, LAYOUT)
    network.tables.values.normal_(0, 0.3, generator=torch.Generator().manual_seed(4))
    network.tables.round()
    network.b += 0.003  # of whole levels a gate may be 0, where torch takes a parabola's slope for 0
    return network


@pytest.fixture
def batch():
    random = np.random.default_rng(5)
    rows = np.stack([random.integers(t.rows, size=LANES * STEPS) for t in LAYOUT], 1).astype(np.uint16)
    target = random.integers(256, size=LANES * STEPS).astype(np.uint8)
    start = (random.random((LANES, STEPS)) < 0.1).astype(np.uint8)
    return tuple(map(torch.from_numpy, (rows, target, start)))


def plain(network, rows, target, start, state):
    """The loss in plain torch, the parameters' gradients, and those of the sums of rows."""
    parameters = {name: value.clone().requires_grad_() for name, value in network.parameters().items()}
    level = [part.float() / 32 for part in network.tables.each(network.tables.level)]
    index = rows.long()
    a = level[0][index[:, 0]].bfloat16().requires_grad_()
    wide = torch.zeros(len(rows), D)
    wide[:, D // 4 : D // 4 + D // 2] = level[2][index[:, 2]]
    h0 = (level[1][index[:, 1]] + wide).requires_grad_()
    h, gates = h0, a
    for layer in range(LAYERS):
        y, _ = reference.cell(gates, parameters["b"][layer], start, state[layer])
        u = (y.bfloat16() @ weights(parameters["w2"][layer]).T).bfloat16()
        h, x = reference.add_norm(h, u)
        if layer + 1 < LAYERS:
            gates = (x @ weights(parameters["w1"][layer]).T).bfloat16()
    logits = (x @ weights(parameters["wo"]).T).bfloat16()
    loss = reference.cross_entropy(logits, parameters["bo"], target)
    found = torch.autograd.grad(loss, [*parameters.values(), h0, a])
    return loss.item(), dict(zip([*parameters, "h", "a"], found, strict=True))


@pytest.mark.parametrize("tiles", [True, False])
@pytest.mark.parametrize("part", [1, 2])
def test_a_step_is_that_of_plain_torch(network, batch, tiles, part, monkeypatch):
    if not tiles:
        monkeypatch.setattr(products, "_tiles", lambda: None)
    state = torch.randn(LAYERS, LANES, D, generator=torch.Generator().manual_seed(1)) * 0.3
    loss, gradients = plain(network, *batch, state.clone())
    step = Step(network, LANES, STEPS, part)
    assert step.run(*batch, state, learn=True) == pytest.approx(loss, rel=1e-3)
    for name, gradient in {**step.gradients(), "h": step.dh, "a": step.da}.items():
        difference = (gradient.float() - gradients[name].float()).norm() / gradients[name].float().norm()
        assert difference < 0.03, name  # values are rounded to bfloat16 on the way


def test_lanes_may_be_taken_together_or_one_by_one(network, batch):
    states = [network.fresh_state(LANES) for _ in range(2)]
    losses = [
        Step(network, LANES, STEPS, part).run(*batch, state, learn=False)
        for part, state in zip((1, 2), states, strict=True)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    assert torch.equal(*states)


def test_the_levels_of_tables(network):
    whole, named = network.tables.each(network.tables.values)[1:]
    whole.copy_(torch.linspace(-5, 5, whole.numel()).view_as(whole))
    named.copy_(torch.linspace(-2, 2, named.numel()).view_as(named))
    network.tables.round()
    level = [part.numpy() / 32 for part in network.tables.each(network.tables.level)]
    assert np.array_equal(level[1], np.clip(np.rint(whole.numpy() * 32), -127, 127) / 32)
    nearest = NAMED[np.abs(np.abs(named.numpy())[..., None] - NAMED).argmin(-1)]
    assert np.array_equal(np.abs(level[2]), nearest)
    assert np.array_equal(np.sign(level[2]), np.sign(named.numpy()) * (nearest > 0))


def test_only_rows_that_were_chosen_learn(network, batch):
    rows = batch[0].numpy()
    tables, before = network.tables, network.tables.values.clone()
    dh, da = (torch.randn(len(rows), width).bfloat16() for width in (D, 3 * D))
    tables.learn(batch[0], dh, da, 0.02, 0.004)
    moved = [
        (a - b).abs().amax(1).numpy() for a, b in zip(*map(tables.each, (tables.values, before)), strict=True)
    ]
    first = 0
    for k, t in enumerate(LAYOUT):
        chosen = np.bincount(rows[:, k], minlength=t.rows) > 0
        assert np.array_equal(moved[k] > 0, chosen)
        assert moved[k].max() <= 3 * 0.02 + 1e-6  # a step is bounded
        assert np.array_equal(tables.visits.numpy()[first : first + t.rows], chosen)
        first += t.rows


def test_rows_of_many_visits_make_small_steps(network):
    rows = torch.zeros(LANES * STEPS, len(LAYOUT), dtype=torch.int16).view(torch.uint16)
    dh, da = torch.ones(len(rows), D).bfloat16(), torch.ones(len(rows), 3 * D).bfloat16()
    tables, steps = network.tables, []
    for _ in range(400):
        before = tables.values[0].item()
        tables.learn(rows, dh, da, 0.02, 0.004)
        steps.append(before - tables.values[0].item())
    assert steps[0] == pytest.approx(0.02, rel=1e-3)
    assert steps[8] == pytest.approx(0.02 / 2**0.5, rel=1e-3)
    assert steps[-1] == pytest.approx(0.004, rel=1e-3)


def test_a_run_from_saved_weights_begins_with_the_steps_of_its_visits(network):
    rows = torch.zeros(LANES * STEPS, len(LAYOUT), dtype=torch.int16).view(torch.uint16)
    dh, da = torch.ones(len(rows), D).bfloat16(), torch.ones(len(rows), 3 * D).bfloat16()
    network.tables.visits.fill_(24)  # whose squares were not saved
    before = network.tables.values[0].item()
    network.tables.learn(rows, dh, da, 0.02, 0.004)
    assert before - network.tables.values[0].item() == pytest.approx(0.01, rel=1e-3)
