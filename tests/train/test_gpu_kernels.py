"""The kernels for GPUs: in Triton's interpreter on any machine, against those of the CPU, and compiled."""

import os

import pytest
import torch
from support.gpu_compiler import compile_for_gpu

from nzip.train import fused

HAS_GPU = torch.cuda.is_available()
DEVICE = "cuda" if HAS_GPU else "cpu"
if not HAS_GPU:
    os.environ["TRITON_INTERPRET"] = "1"
triton = pytest.importorskip("triton")

LANES, STEPS, D = 3, 11, 160
N = LANES * STEPS


@pytest.fixture(scope="module")
def gpu():
    from nzip.train import gpu

    return gpu


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(7)


def assert_near(ours, theirs, tolerance):
    """Most values are the same; a value on the edge of two levels may be in the other one."""
    assert ours.dtype == theirs.dtype
    difference = (ours.detach().cpu().float() - theirs.float()).square().mean().sqrt()
    assert difference <= tolerance * theirs.float().square().mean().sqrt().clamp_min(1e-9)


def outcome(operation, inputs, device):
    """What it gives, and the gradients of a sum of all that, at random weights."""
    torch.manual_seed(8)
    inputs = [each.detach().to(device).requires_grad_(each.requires_grad) for each in inputs]
    outputs = operation(*inputs)
    given = [each.float() * torch.randn(each.shape).to(device) for each in outputs if each.requires_grad]
    wanted = [each for each in inputs if each.requires_grad]
    return [*outputs, *torch.autograd.grad(sum(each.sum() for each in given), wanted)]


def assert_same(ours, theirs, inputs):
    for a, b in zip(outcome(ours, inputs, DEVICE), outcome(theirs, inputs, "cpu"), strict=True):
        assert_near(a, b.detach(), 0.005)


def test_cell(gpu):
    a = torch.randn(N, 3 * D).bfloat16().requires_grad_()
    bias = torch.randn(3 * D).requires_grad_()
    start = (torch.rand(LANES, STEPS) < 0.2).to(torch.uint8)
    assert_same(gpu.cell, fused.cell, [a, bias, start, torch.randn(LANES, D)])


def test_add_norm(gpu):
    h = torch.randn(N, D) * torch.rand(N, 1) * 3
    h[:, 0] += 40  # an outlier, which is clipped and passes no gradient through x
    h.requires_grad_()
    assert_same(gpu.add_norm, fused.add_norm, [h, torch.randn(N, D).bfloat16().requires_grad_()])
    assert_same(lambda h: gpu.add_norm(h, None), lambda h: fused.add_norm(h, None), [h])


def test_a_gpu_could_run_them(tmp_path):
    b, f, u, i = "*bf16", "*fp32", "*u8", "i32"
    cell, row = {"CHANNELS": 128}, {"CHANNELS": 512}
    kernels = [
        ("_cell_forward", [b, f, u, f, f, b, i, i], cell),
        ("_cell_backward", [b, f, u, f, f, b, b, f, i, i], cell),
        ("_norm_forward", [f, b, f, b, f, i], {"TWO": True, **row}),
        ("_norm_backward", [f, f, b, f, f, b, i], row),
    ]
    compile_for_gpu(tmp_path, "nzip.train.triton_kernels", kernels)
