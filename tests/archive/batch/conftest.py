"""What tests of batch jobs share."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.batch_jobs import FILES
from support.trees import make_tree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a source of a few files."""
    make_tree(tmp_path / "source", FILES)
    return tmp_path
