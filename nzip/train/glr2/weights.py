"""Saved weights: what a run begins from on another machine, with fresh optimizers.

An xz-compressed NumPy archive: the levels of the tables, as the integers use them, the other parameters in
16 bits, and how often each row was seen, in powers of two, so that the pace of its steps goes on.
"""

from __future__ import annotations

import io
import lzma
from pathlib import Path

import numpy as np
import torch

from nzip.train.glr2.network import Network
from nzip.train.quantize import TABLE_STEP


def save(path: Path, network: Network, seen: int) -> None:
    """``seen``: the bytes that the network has been trained on."""
    tables = network.tables
    arrays = {name: value.half().numpy() for name, value in network.parameters().items()}
    for t, level in zip(tables.layout, tables.each(tables.level), strict=True):
        arrays[f"table.{t.name}"] = level.numpy()
    arrays["visits"] = np.log2(tables.visits.numpy().astype(np.float32) + 1).astype(np.uint8)
    arrays["seen"] = np.array(seen)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    path.write_bytes(lzma.compress(buffer.getvalue(), preset=6))


def load(path: Path, network: Network) -> int:
    """Fills the network; returns the bytes that it has been trained on. Raises ValueError where it is another
    network's."""
    with np.load(io.BytesIO(lzma.decompress(path.read_bytes()))) as arrays:
        tables = network.tables
        try:
            for name, value in network.parameters().items():
                value.copy_(torch.from_numpy(arrays[name]))
            for t, values in zip(tables.layout, tables.each(tables.values), strict=True):
                values.copy_(torch.from_numpy(arrays[f"table.{t.name}"]) * TABLE_STEP)
            tables.visits.copy_(torch.from_numpy((2.0 ** arrays["visits"] - 1).astype(np.uint16)))
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"{path}: {error}") from None
        tables.round()
        return int(arrays["seen"])
