"""Compiling Triton's kernels for an H100 or H200; no such device is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

Kernel = tuple[str, Sequence[str], Mapping[str, object]]  # its name, its arguments' types, its constants

_PROGRAM = """
import importlib
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

module = importlib.import_module({module!r})
for name, types, constants in {kernels!r}:
    kernel = getattr(module, name)
    signature = dict(zip(kernel.arg_names, [*types, *["constexpr"] * len(constants)], strict=True))
    made = triton.compile(ASTSource(kernel, signature, constants), target=GPUTarget("cuda", 90, 32))
    assert made.asm["cubin"], kernel
"""


def compile_for_gpu(folder: Path, module: str, kernels: Sequence[Kernel]) -> None:
    """In a process of its own, where kernels are not interpreted, with the compiler's cache in the folder.

    Not in the checkout, where its source would hide an installed nzip.
    """
    environment = {**os.environ, "TRITON_INTERPRET": "0", "TRITON_CACHE_DIR": str(folder)}
    program = _PROGRAM.format(module=module, kernels=kernels)
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=folder, check=True)
