"""The tests of training networks need torch, which nothing else does; without it, they are not collected."""

import importlib.util
from pathlib import Path

import pytest

NEED_NO_TORCH = {"test_own.py"}

collect_ignore = []
if missing := [name for name in ("torch", "safetensors") if importlib.util.find_spec(name) is None]:
    tests = Path(__file__).parent.glob("test_*.py")
    collect_ignore = [str(path) for path in tests if path.name not in NEED_NO_TORCH]


def pytest_report_header():
    return f"training: not tested, as {missing[0]} is not installed (nzip[train])" if missing else None


@pytest.fixture
def class_files(tmp_path):
    """A folder of two tiny classes, with a manifest."""
    folder = tmp_path / "data"
    folder.mkdir()
    prose = b"".join(
        b"\0Chapter %d.\nIt was a night of %d stars, and more.\n" % (i, i * i) * 3 for i in range(200)
    )
    (folder / "prose.bin").write_bytes(prose)
    code = b"".join(b"\0def f%d(x):\n    return x + %d\n" % (i, i) for i in range(300))
    (folder / "code.bin").write_bytes(code)
    rows = ["class,repository,path count,bytes,licence", "prose,here,200,3000,CC0-1.0", "logs,there,1,2,MIT"]
    (folder / "MANIFEST.tsv").write_text("".join(row.replace(",", "\t") + "\n" for row in rows))
    return folder
