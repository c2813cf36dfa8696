"""The main job on real input: every file of the corpora that is here comes back as it was.

In the folder that NZIP_CORPORA names, else where a checkout may have it beside it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import nzip

FOLDER = Path(os.environ.get("NZIP_CORPORA") or Path(__file__).parents[3] / "shared" / "corpora" / "eval")
LARGEST = {
    1: 1_100_000,
    3: 600_000,
    5: 130_000,
}  # by level; nzip bench checks the round trips of larger files
FILES = sorted(p for p in FOLDER.rglob("*") if p.is_file() and p.stat().st_size <= LARGEST[1])

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not FILES, reason="no corpora here")]


CASES = [
    pytest.param(path, level, id=f"{path.name}-{level}")
    for path in FILES
    for level, largest in LARGEST.items()
    if path.stat().st_size <= largest
]


@pytest.mark.parametrize(("path", "level"), CASES)
def test_round_trip(path: Path, level: int):
    plain = path.read_bytes()
    packed = nzip.compress(plain, level=level)
    assert nzip.decompress(packed) == plain
    assert len(packed) < len(plain)
