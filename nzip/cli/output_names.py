"""Names of outputs: from the name of the source, or the one stored in the archive."""

from __future__ import annotations

import errno
import os

from nzip.pipeline.target import SUFFIX

_LONGEST = 255  # bytes of a file name, on the usual file systems


def packed_name(name: str) -> str:
    return name + SUFFIX


def is_packed_name(name: str) -> bool:
    base = os.path.basename(name)
    return base.endswith(SUFFIX) and base != SUFFIX


def restored_name(name: str) -> str:
    """The archive's own file name without its suffix."""
    if not is_packed_name(name):
        raise OSError(errno.EINVAL, f"name does not end in {SUFFIX}; use -o FILE or -c", name)
    return name.removesuffix(SUFFIX)


def stored_name(name: str, stored: bytes) -> str:
    """The name stored in the archive, in the archive's folder.

    The format allows base names only; what would garble a terminal is refused here. A first dot or hyphen is
    an ordinary part of a name.
    """
    if len(stored) > _LONGEST:
        raise OSError(errno.ENAMETOOLONG, "the stored name is too long; use -o FILE", name)
    if not stored.decode("utf-8", "replace").isprintable():  # what is not UTF-8 is some older encoding's text
        raise OSError(errno.EINVAL, "the stored name holds control characters; use -o FILE", name)
    return os.path.join(os.path.dirname(name), os.fsdecode(stored))
