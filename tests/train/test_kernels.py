"""The fused operations against those in torch, values and gradients; and those against finite differences."""

import numpy as np
import pytest
import torch

from nzip.train import fused, reference
from nzip.train.quantize import CELL_STEP, NORM_STEP, TABLE_STEP

LANES, STEPS, D = 3, 21, 32
N = LANES * STEPS


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(7)


def gradients(outputs, inputs):
    """Of the sum of the outputs, each weighted at random but always alike."""
    torch.manual_seed(8)
    total = sum((output.float() * torch.randn(output.shape)).sum() for output in outputs)
    return torch.autograd.grad(total, inputs)


def assert_near(a, b, tolerance):
    """The root mean square of the difference is within a part of that of the value: bfloat16 has 8 bits."""
    difference = (a.float() - b.float()).square().mean().sqrt()
    assert difference <= tolerance * b.float().square().mean().sqrt().clamp_min(1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_gather(dtype):
    rows = torch.randint(0, 40, (N, 4), dtype=torch.int32)
    table = (torch.randn(40, D) * 2).requires_grad_()
    ours, theirs = (each.gather(rows, table, dtype) for each in (fused, reference))
    assert ours.dtype == theirs.dtype == dtype
    assert_near(ours, theirs, 0.004)
    for a, b in zip(gradients([ours], [table]), gradients([theirs], [table]), strict=True):
        assert_near(a, b, 0.01)


def test_gather_refuses_a_row_that_is_not_there():
    with pytest.raises(IndexError):
        fused.gather(torch.full((1, 1), 2, dtype=torch.int32), torch.zeros(2, D), torch.float32)


def cell_inputs():
    a = torch.randn(N, 3 * D).bfloat16().requires_grad_()
    bias = torch.randn(3 * D).requires_grad_()
    start = (torch.rand(LANES, STEPS) < 0.2).to(torch.uint8)
    return a, bias, start, torch.randn(LANES, D)


def test_cell():
    a, bias, start, state = cell_inputs()
    (y, last), (y_torch, last_torch) = (each.cell(a, bias, start, state) for each in (fused, reference))
    assert (y - y_torch).abs().max() <= CELL_STEP  # a value on the edge of two levels
    assert_near(y, y_torch, 0.005)
    torch.testing.assert_close(last, last_torch, rtol=1e-4, atol=1e-5)
    assert not last.requires_grad
    for ours, theirs in zip(gradients([y], [a, bias]), gradients([y_torch], [a, bias]), strict=True):
        assert_near(ours, theirs, 0.01)


def test_cell_continues_where_it_was():
    a, bias, start, state = cell_inputs()
    start[:, 10] = 0
    whole, last = fused.cell(a, bias, start, state)
    a, whole = a.view(LANES, STEPS, -1), whole.view(LANES, STEPS, -1)
    for span in (slice(0, 10), slice(10, STEPS)):
        part, state = fused.cell(
            a[:, span].flatten(0, 1).contiguous(), bias, start[:, span].contiguous(), state
        )
        assert torch.equal(part.view(LANES, -1, D), whole[:, span])
    assert torch.equal(state, last)


@pytest.mark.parametrize("two", [True, False])
def test_add_norm(two):
    h = (torch.randn(N, D) * torch.rand(N, 1) * 3).requires_grad_()
    u = torch.randn(N, D).bfloat16().requires_grad_() if two else None
    with torch.no_grad():
        h[:, 0] += 40  # an outlier, which is clipped and passes no gradient through x
    inputs = [h, u] if two else [h]
    ours, theirs = (each.add_norm(h, u) for each in (fused, reference))
    torch.testing.assert_close(ours[0], theirs[0])
    assert (ours[1] - theirs[1]).abs().max() <= NORM_STEP
    assert_near(ours[1], theirs[1], 0.005)
    for a, b in zip(gradients(ours, inputs), gradients(theirs, inputs), strict=True):
        assert_near(a, b, 0.01)


def test_cross_entropy():
    logits = (torch.randn(N, 256) * 3).bfloat16().requires_grad_()
    bias = torch.randn(256).requires_grad_()
    target = torch.randint(0, 256, (N,), dtype=torch.uint8)
    ours, theirs = (each.cross_entropy(logits, bias, target) for each in (fused, reference))
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    for a, b in zip(gradients([ours], [logits, bias]), gradients([theirs], [logits, bias]), strict=True):
        assert_near(a, b, 0.02)


def test_tensors_of_another_type_or_shape_are_refused():
    logits, bias = torch.zeros(2, 256, dtype=torch.bfloat16), torch.zeros(256)
    target = torch.zeros(2, dtype=torch.uint8)
    with pytest.raises(ValueError, match="expected"):
        fused.cross_entropy(logits, bias, target.long())
    with pytest.raises(ValueError, match="expected"):
        fused.cross_entropy(logits[:, :255], bias, target)
    with pytest.raises(ValueError, match="contiguous"):
        fused.cross_entropy(logits, torch.zeros(512)[::2], target)


def test_the_recurrence_is_that_of_its_definition():
    keep, gain, state = torch.rand(LANES, STEPS, D), torch.randn(LANES, STEPS, D), torch.randn(LANES, D)
    c, steps = state, []
    for t in range(STEPS):
        c = keep[:, t] * c + gain[:, t]
        steps.append(c)
    torch.testing.assert_close(reference.scan(keep, gain, state), torch.stack(steps, 1))


@pytest.mark.parametrize(
    "function",
    [
        reference.sigmoid,
        reference.tanh,
        lambda x: reference.scan(x[:, :5].sigmoid(), x[:, 5:], x[:, 0]),
    ],
)
def test_gradients_by_finite_differences(function):
    x = (torch.randn(2, 10, 3, dtype=torch.float64) * 2).requires_grad_()
    assert torch.autograd.gradcheck(function, (x,))


def test_what_is_quantized_has_the_levels_of_the_integer_network():
    torch.manual_seed(3)
    rows, table = torch.arange(9, dtype=torch.int32)[:, None], torch.randn(9, D) * 3
    y, _ = fused.cell(*cell_inputs())
    _, x = fused.add_norm(torch.randn(N, D), None)
    for values, step in (
        (fused.gather(rows, table, torch.float32), TABLE_STEP),
        (y, CELL_STEP),
        (x, NORM_STEP),
    ):
        levels = values.detach().float().numpy() / step
        assert np.array_equal(levels, np.rint(levels))
        assert np.abs(levels).max() <= 127
