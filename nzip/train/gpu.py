"""The operations on a GPU: in single passes by Triton where that matters, the rest in torch."""

from __future__ import annotations

from functools import partial

from nzip.train import triton_kernels
from nzip.train.fused import add_norm_by, cell_by
from nzip.train.reference import cross_entropy, gather

__all__ = ["add_norm", "cell", "cross_entropy", "gather"]

cell = partial(cell_by, triton_kernels)
add_norm = partial(add_norm_by, triton_kernels)
