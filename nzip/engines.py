"""The engines of the native core, by the numbers that files carry: what is to be known of one, it tells."""

from __future__ import annotations

from nzip._native import EngineEntry, engines

ENGINES: dict[tuple[int, int], EngineEntry] = {(entry.id, entry.revision): entry for entry in engines()}

CURRENT = engines()[-1].id, engines()[-1].revision  # what encoders use


def current_engine() -> EngineEntry:
    """What encoders use."""
    return ENGINES[CURRENT]
