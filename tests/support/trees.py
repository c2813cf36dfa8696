"""Trees of files, and archives of them."""

from __future__ import annotations

import io
from pathlib import Path

from nzip.archive import create
from nzip.pipeline import EncodeOptions
from support.member_tables import FAST


def make_tree(root: Path, files: dict[str, bytes]) -> Path:
    """Files below a folder, by their paths there."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def archive_of(root: Path, *paths: str, options: EncodeOptions = FAST) -> io.BytesIO:
    file = io.BytesIO()
    create(file, paths or ["."], options, folder=str(root))
    return file
