"""What of a tree goes into an archive."""

from __future__ import annotations

from typing import NamedTuple

from nzip.archive.patterns import Patterns


class Selection(NamedTuple):
    """Which files, and what of each besides content, mode and time."""

    excluded: Patterns = Patterns(())
    owner: bool = False
    xattrs: bool = False


ALL = Selection()
