"""fsspec's compression "nz", for files that end in .nz."""

from __future__ import annotations

from typing import IO, Any

import fsspec.compression

from nzip.file import NzipFile


def register() -> None:
    """Makes the compression "nz" known to fsspec, so that all that open files by fsspec have it.

    >>> register()
    >>> with fsspec.open("memory://greeting.nz", "wb", compression="infer") as file:
    ...     file.write(b"hello")
    5
    >>> with fsspec.open("memory://greeting.nz", compression="nz") as file:
    ...     file.read()
    b'hello'
    """
    fsspec.compression.register_compression("nz", _open, "nz", force=True)


def _open(file: IO[bytes], mode: str = "rb", **options: Any) -> NzipFile:
    return NzipFile(file, mode, **options)
