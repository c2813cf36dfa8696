"""What a file holds, without decoding it."""

from __future__ import annotations

import os
from typing import BinaryIO

from nzip.format.description import Info
from nzip.format.scan import scan_file


def info(file: str | bytes | os.PathLike[str] | os.PathLike[bytes] | BinaryIO) -> Info:
    """What the headers of a file say, given its path or the file itself, open for reading bytes.

    The structure is checked, the blocks' contents are not.

    >>> import io, nzip
    >>> found = nzip.info(io.BytesIO(nzip.compress(b"nzip" * 100)))
    >>> found.total_plain, len(found.streams[0].blocks)
    (400, 1)
    """
    if isinstance(file, (str, bytes, os.PathLike)):
        with open(file, "rb") as opened:
            return info(opened)
    return Info(scan_file(file))
