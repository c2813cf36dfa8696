"""The recurrence by Triton, on this processor by its interpreter: torch's, step by step, bit for bit."""

import os

import pytest
from support.gpu_compiler import compile_for_gpu

torch = pytest.importorskip("torch")
if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"
pytest.importorskip("triton")
from nzip.models import torch_network, triton_recurrence  # noqa: E402


@pytest.mark.parametrize("shape", [(1, 1, 32), (1, 40, 288), (7, 3, 96), (70, 2, 160)])
def test_the_same_cells(shape):
    torch.manual_seed(len(shape))
    device = "cuda" if torch.cuda.is_available() else "cpu"

    def draw(low: int, high: int, *size: int):
        return torch.randint(low, high + 1, size, dtype=torch.int32, device=device)

    # Three of g's neighbours share memory with it, as chunks of one product do.
    z, g, share = (
        draw(-16384, 16384, *shape),
        draw(0, 32768, *shape[:2], 3 * shape[2]),
        draw(0, 32768, *shape),
    )
    state = draw(-(2**22), 2**22, *shape[1:])
    for gate in (share, g[..., : shape[2]]):
        expected = torch_network._recurrence(z, gate, state)
        assert torch.equal(triton_recurrence.recurrence(z, gate, state), expected)


def test_a_gpu_could_run_it(tmp_path):
    kernel = "_recurrence", ["*i32"] * 4 + ["i32"] * 2, {"CHANNELS": 128}
    compile_for_gpu(tmp_path, "nzip.models.triton_recurrence", [kernel])
