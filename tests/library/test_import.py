"""Importing nzip is cheap."""

import subprocess
import sys


def test_only_what_is_needed_is_imported(tmp_path):
    code = "import sys, nzip; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.split()
    costly = {"numpy", "click", "tqdm", "concurrent.futures", "asyncio", "json", "hashlib", "nzip.cli"}
    assert not costly.intersection(modules)
