"""The main job on real input: every file of the corpora that is here comes back as it was.

In the folder that NZIP_CORPORA names, else where a checkout may have it beside it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import nzip

FOLDER = Path(os.environ.get("NZIP_CORPORA") or Path(__file__).parents[2] / "shared" / "corpora" / "eval")
LARGEST = 1_100_000  # larger files are for nzip bench, whose round trips are checked too
FILES = sorted(p for p in FOLDER.rglob("*") if p.is_file() and p.stat().st_size <= LARGEST)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not FILES, reason="no corpora here")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("level", [1, 3, 5])
def test_round_trip(path: Path, level: int):
    plain = path.read_bytes()
    packed = nzip.compress(plain, level=level)
    assert nzip.decompress(packed) == plain
    assert len(packed) < len(plain)
