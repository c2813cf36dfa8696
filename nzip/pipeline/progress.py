"""What the pipeline reports while it works and when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], None]  # (plaintext bytes done, coded bytes done), in the caller's thread


@dataclass
class Totals:
    """Bytes and blocks that went through."""

    plain: int = 0
    coded: int = 0
    blocks: int = 0
