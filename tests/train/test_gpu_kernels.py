"""The kernels for GPUs: in Triton's interpreter on any machine, against those of the CPU, and compiled."""

import os
import subprocess
import sys

import pytest
import torch

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


COMPILE = """
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from nzip.train import triton_kernels as kernels

B, F, U, I = "*bf16", "*fp32", "*u8", "i32"
cell, row = {"CHANNELS": 128}, {"CHANNELS": 512}
for kernel, types, constants in (
    (kernels._cell_forward, [B, F, U, F, F, B, I, I], cell),
    (kernels._cell_backward, [B, F, U, F, F, B, B, F, I, I], cell),
    (kernels._norm_forward, [F, B, F, B, F, I], {"TWO": True, **row}),
    (kernels._norm_backward, [F, F, B, F, F, B, I], row),
):
    signature = dict(zip(kernel.arg_names, [*types, *["constexpr"] * len(constants)], strict=True))
    made = triton.compile(ASTSource(kernel, signature, constants), target=GPUTarget("cuda", 90, 32))
    assert made.asm["cubin"], kernel
"""


def test_a_gpu_could_run_them(tmp_path):
    """Compiled for an H100 or H200; no such device is needed."""
    environment = {**os.environ, "TRITON_INTERPRET": "0", "TRITON_CACHE_DIR": str(tmp_path)}
    # Not in the checkout, where its source would hide an installed nzip.
    subprocess.run([sys.executable, "-c", COMPILE], env=environment, cwd=tmp_path, check=True)
