"""What a file system tells at the closing of a file only: the file has not taken its name by then."""

from __future__ import annotations

import pytest
from entries import ENTRIES, TREE, leftovers
from injecting import fault
from test_matrix import run

OUTPUTS = {"c": "text.nz", "d": "text", "archive create": "tree.nza", "archive append": "tree.nza"}


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_that_cannot_be_closed(name, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    entry = ENTRIES[name]
    entry.prepare(work)
    process = run(entry.command(), work, env=fault("close", 0, work, tmp_path / "log"))
    assert (tmp_path / "log").exists()
    assert process.returncode == 1
    assert process.stderr == f"nzip: {OUTPUTS[name]}: Input/output error\n"
    assert not entry.check(work)
    assert leftovers(work) == []


@pytest.mark.parametrize("at", range(4))
def test_members_that_cannot_be_closed(at, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    entry = ENTRIES["archive extract"]
    entry.prepare(work)
    process = run(entry.command(), work, env=fault("close", at, work, tmp_path / "log"))
    assert process.returncode == 1
    lines = [f"nzip: {name}: Input/output error" for name in TREE if not (work / "out" / name).exists()]
    assert sorted(process.stderr.splitlines()) == lines
    assert len(lines) == len(TREE) - at
    assert not entry.check(work)
    assert leftovers(work) == []
