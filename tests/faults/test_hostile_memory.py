"""With any amount of memory that is too little a command ends with exit code 7 and one line."""

from __future__ import annotations

import sys

import pytest
from entries import TREE, leftovers
from support.samples import make_text
from test_matrix import FOLDER, run

ROOMS = [1, 24, 56, 96, 400, 1200]  # MiB
COMMANDS = {
    "c --recovery": ["c", "-1", "--recovery", "5%", "tree/e"],
    "batch": ["batch", "-1", "--jobs", "1", "tree", "--out", "out"],
    "train": ["train", "-1", "tree/a", "tree/e", "-o", "my.nzp"],
    "estimate": ["estimate", "--model", "none", "tree"],
}
MADE = {"c --recovery": "tree/e.nz", "train": "my.nzp"}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit is one of Linux")
def test_a_command_has_too_little(name, tmp_path):
    for path, data in TREE.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data or make_text(100))
    codes = []
    for room in ROOMS:
        limited = [sys.executable, str(FOLDER / "limited.py"), str(room << 20), "-m", "nzip"]
        process = run(
            [*limited, *COMMANDS[name], *(["--resume"] if name == "batch" and codes else [])], tmp_path
        )
        codes.append(process.returncode)
        assert leftovers(tmp_path) == []
        if process.returncode == 0:
            break
        # A job goes on to its next file.
        assert process.returncode == 7 or (name == "batch" and process.returncode == 9), process.stderr
        lines = process.stderr.splitlines()
        assert len(lines) == 1 or process.returncode == 9
        assert all("memory" in line for line in lines), lines
        assert name not in MADE or not (tmp_path / MADE[name]).exists()
    assert codes[0] != 0
    assert codes[-1] == 0
