"""What every model must be able to do that predicts bytes beside an engine's contexts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from nzip import _native

if TYPE_CHECKING:
    from nzip.models.nzm import Model


class ByteModel(ABC):
    """It never changes, so all threads share it; what is known of a block's lanes is an expert's."""

    @property
    def shared_memory(self) -> int:
        """Bytes that the experts of all engines have in common."""
        return 0

    @property
    def on_devices(self) -> Model | None:
        """What processes of torch devices evaluate in its place; None where they cannot."""
        return None

    @abstractmethod
    def expert(self, exchange: _native.Exchange | None = None, helpers: int = 0) -> _native.ByteExpert:
        """For one engine: a state for each lane, which the bytes so far make, and distributions of the next
        bytes of all lanes at once. With an exchange its devices are asked, else so many threads may help.
        """

    @abstractmethod
    def memory(self, lanes: int, *, exchange: bool = False) -> int:
        """The most bytes that an expert takes beside what is shared; with ``exchange`` where one is used."""
