"""The functions of kernels.cpp, called with contiguous tensors of the types that are named there."""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path
from typing import Any

from torch import Tensor

from nzip.train.compiler import load


@functools.cache
def _library() -> ctypes.CDLL:
    found = load(Path(__file__).with_name("kernels.cpp"))
    found.cross_entropy.restype = ctypes.c_double
    return found


def call(name: str, *values: Any) -> Any:
    """The result of a function of whole numbers, floats and tensors."""
    return getattr(_library(), name)(*map(_argument, values))


def _argument(value: Any) -> Any:
    if isinstance(value, Tensor):
        if not value.is_contiguous():
            raise ValueError("the tensor is not contiguous")
        return ctypes.c_void_p(value.data_ptr())
    return ctypes.c_float(value) if isinstance(value, float) else ctypes.c_int64(value)
