"""smart_open for files that end in .nz."""

from __future__ import annotations

from typing import IO, Any

import smart_open

from nzip.file import NzipFile


def register() -> None:
    """Makes the extension ".nz" known to smart_open; ``compression_kwargs`` are those of ``nzip.open``."""
    smart_open.register_compressor(".nz", _open)


def _open(file: IO[bytes], mode: str, **options: Any) -> NzipFile:
    return NzipFile(file, mode, **options)
