"""Language models in integers are not verified when they compress: many random rounds show that they may."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support import TESTS

pytest.importorskip("gguf")

ROUNDS = 30


@pytest.mark.slow
def test_rounds_restore_and_are_the_same_with_every_instruction_set(tmp_path):
    said = {simd: rounds(tmp_path, simd) for simd in ("", "avx512", "avx2", "neon", "scalar")}
    there = {lines for lines in said.values() if lines is not None}
    assert len(there) == 1
    assert there.pop().count("\n") == ROUNDS


def rounds(folder, simd: str) -> str | None:
    """None where the processor has no such instructions."""
    process = subprocess.run(
        [sys.executable, "-m", "support.exact_rounds", folder, "1", str(ROUNDS)],
        cwd=folder,  # not a checkout, whose package has no core of its own
        env={**os.environ, "NZIP_SIMD": simd, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    if f"NZIP_SIMD={simd} is not available" in process.stderr:
        return None
    assert process.returncode == 0, process.stderr
    return process.stdout
