"""A small file costs no time to speak of, and importing nzip none."""

from __future__ import annotations

import os
import subprocess
import sys


def processor_time() -> float:
    times = os.times()
    return times.children_user + times.children_system


def fastest(work) -> float:
    """Of several runs the least time that their processes worked, whatever else the machine had to do."""
    times = []
    for _ in range(5):
        start = processor_time()
        work()
        times.append(processor_time() - start)
    return min(times)


def test_one_kilobyte(cli, text):
    cli.write("a", text[:1024])
    assert fastest(lambda: cli.ok("c", "-f", "a")) < 0.25


def test_import(tmp_path):
    def run(code: str) -> float:
        return fastest(lambda: subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True))

    assert run("import nzip") - run("pass") < 0.1


def test_heavy_modules_wait_until_they_are_needed(cli):
    script = "import sys, nzip.cli.c, nzip.cli.d; print({'tqdm', 'numpy', 'nzip.bench'} & set(sys.modules))"
    out = subprocess.run(
        [sys.executable, "-c", script], cwd=cli.folder, check=True, capture_output=True
    ).stdout
    assert out == b"set()\n"
