"""What a file holds, without decoding it."""

from __future__ import annotations

import os
from typing import BinaryIO

from nzip.format.description import Info
from nzip.format.scan import scan_file
from nzip.machine import default_memory_limit


def info(
    file: str | bytes | os.PathLike[str] | os.PathLike[bytes] | BinaryIO, *, memory_limit: int | None = None
) -> Info:
    """What the headers of a file say, given its path or the file itself, open for reading bytes.

    The structure is checked, the blocks' contents are not. Raises an NzipError where the structure is
    broken, and NzipMemoryError when the description takes more than ``memory_limit`` bytes (default: 4 GB or
    half the machine's memory, whichever is less).

    >>> import io, nzip
    >>> found = nzip.info(io.BytesIO(nzip.compress(b"nzip" * 100)))
    >>> found.total_plain, len(found.streams[0].blocks)
    (400, 1)
    """
    if isinstance(file, (str, bytes, os.PathLike)):
        with open(file, "rb") as opened:
            return info(opened, memory_limit=memory_limit)
    limit = default_memory_limit() if memory_limit is None else memory_limit
    return Info(scan_file(file, limit))
