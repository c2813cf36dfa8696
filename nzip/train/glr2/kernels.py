"""The functions of kernels.cpp, called with tensors: their types and contiguity are checked here."""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nzip.train.compiler import load

F32, BF16, U8, I8, U16 = torch.float32, torch.bfloat16, torch.uint8, torch.int8, torch.uint16


@functools.cache
def library() -> ctypes.CDLL:
    found = load(Path(__file__).with_name("kernels.cpp"))
    found.cross_entropy.restype = ctypes.c_double
    return found


def call(name: str, *values: Any) -> Any:
    """A function with whole numbers, floats and tensors."""
    return getattr(library(), name)(*map(_argument, values))


def _argument(value: Any) -> Any:
    if isinstance(value, Tensor):
        if not value.is_contiguous():
            raise ValueError("the tensor is not contiguous")
        return ctypes.c_void_p(value.data_ptr())
    return ctypes.c_float(value) if isinstance(value, float) else ctypes.c_int64(value)
