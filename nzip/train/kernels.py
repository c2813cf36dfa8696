"""The functions of kernels.cpp, called with tensors: their types, shapes and contiguity are checked here."""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path

import torch
from torch import Tensor

from nzip.train.compiler import load

_MOST_COLUMNS = 1536


@functools.cache
def _library() -> ctypes.CDLL:
    library = load(Path(__file__).with_name("kernels.cpp"))
    library.cross_entropy.restype = ctypes.c_double
    return library


def set_threads(threads: int) -> None:
    _library().set_threads(ctypes.c_int(threads))


def gather(rows: Tensor, table: Tensor, dtype: torch.dtype) -> Tensor:
    """Sums of quantized rows: rows int32 [N, k], table float32 [R, width] -> dtype [N, width]."""
    (n, k), (height, width) = rows.shape, table.shape
    if width > _MOST_COLUMNS:
        raise ValueError(f"a table has at most {_MOST_COLUMNS} columns")
    if int(rows.min()) < 0 or int(rows.max()) >= height:
        raise IndexError("a row is not in the table")
    out = torch.empty(n, width, dtype=dtype)
    _library().gather(
        *_sizes(n, width, k), _pointer(rows, torch.int32, n, k),
        _pointer(table, torch.float32, height, width), *_either(out, n, width),
    )  # fmt: skip
    return out


def scatter(rows: Tensor, gradient: Tensor, height: int) -> Tensor:
    """The gradient of the table [height, width] of a gather: rows int32 [N, k], gradient [N, width]."""
    (n, k), width = rows.shape, gradient.shape[1]
    table = torch.zeros(height, width)
    _library().scatter(
        *_sizes(n, width, k), _pointer(rows, torch.int32, n, k), *_either(gradient, n, width),
        _pointer(table, torch.float32, height, width),
    )  # fmt: skip
    return table


def cell_forward(a: Tensor, bias: Tensor, start: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """a bf16 [N, 3d], bias [3d], start uint8 [L, T], state [L, d] -> c float32 [L, T, d], y bf16 [N, d]."""
    (lanes, steps), d = start.shape, state.shape[1]
    c, y = torch.empty(lanes, steps, d), torch.empty(lanes * steps, d, dtype=torch.bfloat16)
    _library().cell_forward(
        *_sizes(lanes, steps, d), *_cell_inputs(a, bias, start, state),
        _pointer(c, torch.float32, lanes, steps, d), _pointer(y, torch.bfloat16, lanes * steps, d),
    )  # fmt: skip
    return c, y


def cell_backward(
    a: Tensor, bias: Tensor, start: Tensor, state: Tensor, c: Tensor, dy: Tensor
) -> tuple[Tensor, Tensor]:
    """The gradients of a and bias from that of y; shapes as in cell_forward."""
    (lanes, steps), d = start.shape, state.shape[1]
    da, dbias = torch.empty_like(a), torch.zeros_like(bias)
    _library().cell_backward(
        *_sizes(lanes, steps, d), *_cell_inputs(a, bias, start, state),
        _pointer(c, torch.float32, lanes, steps, d), _pointer(dy, torch.bfloat16, lanes * steps, d),
        _pointer(da, torch.bfloat16, lanes * steps, 3 * d), _pointer(dbias, torch.float32, 3 * d),
    )  # fmt: skip
    return da, dbias


def norm_forward(h: Tensor, u: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    """h float32 [N, d], u bf16 [N, d] or none -> h + u float32 [N, d], x bf16 [N, d], 1 / rms float32 [N]."""
    n, d = h.shape
    total, x, inverse = torch.empty_like(h), torch.empty(n, d, dtype=torch.bfloat16), torch.empty(n)
    _library().norm_forward(
        *_sizes(n, d), _pointer(h, torch.float32, n, d),
        None if u is None else _pointer(u, torch.bfloat16, n, d),
        _pointer(total, torch.float32, n, d), _pointer(x, torch.bfloat16, n, d),
        _pointer(inverse, torch.float32, n),
    )  # fmt: skip
    return total, x, inverse


def norm_backward(total: Tensor, inverse: Tensor, dx: Tensor, dtotal: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of h (float32) and u (bf16), which are equal, from those of x and of h + u."""
    n, d = total.shape
    gradient, gradient_b = dtotal.clone(), torch.empty(n, d, dtype=torch.bfloat16)
    _library().norm_backward(
        *_sizes(n, d), _pointer(total, torch.float32, n, d), _pointer(inverse, torch.float32, n),
        _pointer(dx, torch.bfloat16, n, d), _pointer(gradient, torch.float32, n, d),
        _pointer(gradient_b, torch.bfloat16, n, d),
    )  # fmt: skip
    return gradient, gradient_b


def cross_entropy(logits: Tensor, bias: Tensor, target: Tensor) -> tuple[float, Tensor]:
    """Mean in nats, and the gradient of logits: logits bf16 [N, 256], bias [256], target uint8 [N]."""
    n, gradient = len(target), torch.empty_like(logits)
    total = _library().cross_entropy(
        *_sizes(n), _pointer(logits, torch.bfloat16, n, 256), _pointer(bias, torch.float32, 256),
        _pointer(target, torch.uint8, n), ctypes.c_float(1 / n), _pointer(gradient, torch.bfloat16, n, 256),
    )  # fmt: skip
    return total / n, gradient


def _sizes(*sizes: int) -> list[ctypes.c_int64]:
    return [ctypes.c_int64(size) for size in sizes]


def _pointer(tensor: Tensor, dtype: torch.dtype, *shape: int) -> ctypes.c_void_p:
    if tensor.dtype != dtype or tuple(tensor.shape) != shape:
        raise ValueError(f"{dtype} {list(shape)} expected, not {tensor.dtype} {list(tensor.shape)}")
    if not tensor.is_contiguous() or tensor.device.type != "cpu":
        raise ValueError("the tensor must be contiguous and on the CPU")
    return ctypes.c_void_p(tensor.data_ptr())


def _either(tensor: Tensor, *shape: int) -> tuple[ctypes.c_void_p | None, ctypes.c_void_p | None]:
    """The pointers of a tensor that may be float32 or bfloat16, in this order."""
    if tensor.dtype == torch.bfloat16:
        return None, _pointer(tensor, torch.bfloat16, *shape)
    return _pointer(tensor, torch.float32, *shape), None


def _cell_inputs(a: Tensor, bias: Tensor, start: Tensor, state: Tensor) -> list[ctypes.c_void_p]:
    (lanes, steps), d = start.shape, state.shape[1]
    return [
        _pointer(a, torch.bfloat16, lanes * steps, 3 * d),
        _pointer(bias, torch.float32, 3 * d),
        _pointer(start, torch.uint8, lanes, steps),
        _pointer(state, torch.float32, lanes, d),
    ]
