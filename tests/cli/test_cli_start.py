"""A small file costs no time to speak of, and importing nzip none: what is heavy waits until it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "code",
    [
        "import nzip",
        "import nzip.cli.compress, nzip.cli.decompress",
        "import nzip; nzip.decompress(nzip.compress(b'small'))",
    ],
)
def test_heavy_modules_wait_until_they_are_needed(tmp_path, code):
    script = f"{code}; import sys; print({{'tqdm', 'numpy', 'nzip.bench', 'nzip.train'}} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True).stdout
    assert out == b"set()\n"
