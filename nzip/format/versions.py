"""Which versions of each format are read and written. docs/compatibility.md promises what of them stays.

Engines are not here: the native core and the codecs know their revisions (nzip/codecs/table.py).
"""

from __future__ import annotations

from typing import NamedTuple


class Versions(NamedTuple):
    """The versions of a format that are read; the newest is written."""

    oldest: int
    newest: int

    def has(self, version: int) -> bool:
        """
        >>> Versions(2, 3).has(2), Versions(2, 3).has(4)
        (True, False)
        """
        return self.oldest <= version <= self.newest


CONTAINER = Versions(1, 1)
MODEL_FILE = Versions(1, 1)  # .nzm
PROFILE_FILE = Versions(1, 1)  # .nzp
LANGUAGE_MODEL = Versions(3, 3)  # how floats of llama.cpp become probabilities of bytes
EXACT_SCHEME = Versions(1, 1)  # the arithmetic of language models in integers
EXACT_LANGUAGE_MODEL = Versions(1, 1)  # how their numbers become probabilities of bytes
LEDGER = Versions(3, 3)  # of batch jobs
GGUF = Versions(2, 3)  # read only
