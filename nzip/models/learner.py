"""The network that learns from the block alone while it is coded: docs/learner.md."""

from __future__ import annotations

from nzip import _native
from nzip.models.contract import ByteModel


class Learner(ByteModel):
    """Every one begins alike, so there is nothing to load."""

    def expert(self, exchange: _native.Exchange | None = None, helpers: int = 0) -> _native.ByteExpert:
        return _native.learner_expert()

    def memory(self, lanes: int, *, exchange: bool = False) -> int:
        return _native.learner_memory(lanes)
