"""Which files a pattern means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate


class Patterns:
    """Shell patterns: one without a slash is for names, one with a slash for paths below a source.

    A star stands for slashes, too. The case of letters counts.

    >>> Patterns(["*.log", "logs/*"]).match("deep/er/a.log"), Patterns(["logs/*"]).match("a/logs/b")
    (True, False)
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        names: list[str] = []
        paths: list[str] = []
        for pattern in patterns:
            (paths if "/" in pattern else names).append(translate(pattern.strip("/")))
        self._name = re.compile("|".join(names)) if names else None
        self._path = re.compile("|".join(paths)) if paths else None

    def __bool__(self) -> bool:
        return self._name is not None or self._path is not None

    def match(self, path: str) -> bool:
        """Whether any of the patterns means this path."""
        return bool(
            (self._name is not None and self._name.match(path.rpartition("/")[2]))
            or (self._path is not None and self._path.match(path))
        )
