"""What every packed format must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from nzip import _native
from nzip.transforms.contract import Data, Part

Content = bytes | bytearray | memoryview


class Opened(NamedTuple):
    """A packed stream as what it holds."""

    size: int  # bytes of the stream
    contents: tuple[Part, ...]  # those without a hint may hold packed streams themselves
    residue: bytes  # what it takes beside the contents to make the stream's bytes again


class PackedFormat(ABC):
    """A way to pack data that can be undone and done again bit for bit."""

    id: ClassVar[int]  # a PackedFormatId
    count: ClassVar[int]  # contents of each stream
    # What files begin with whose streams no end of a block should cut.
    signatures: ClassVar[tuple[bytes, ...]] = ()

    @abstractmethod
    def find(self, data: Data, stop: _native.Stop | None) -> Iterable[int]:
        """Where streams may begin, ascending: what takes little time and is mostly right."""

    @abstractmethod
    def open(self, data: Data, start: int, most: int, stop: _native.Stop | None) -> Opened | None:
        """The stream that begins there, with at most ``most`` bytes of contents; None where none does, and
        without contents where it is not worth it. Of a stream that is longer than that, or than the data,
        what its first bytes hold."""

    def close(
        self, contents: Sequence[Content], residue: bytes, stop: _native.Stop | None
    ) -> bytes | bytearray:
        """The stream's bytes. ValueError where there are none."""
        if len(contents) != self.count:
            raise ValueError(
                f"a stream of packed format {self.id} with {len(contents)} contents instead of {self.count}"
            )
        return self._close(contents, residue, stop)

    @abstractmethod
    def _close(
        self, contents: Sequence[Content], residue: bytes, stop: _native.Stop | None
    ) -> bytes | bytearray:
        """The same of ``count`` contents, in memory in proportion to what it is given only."""

    @abstractmethod
    def memory(self, size: int) -> int:
        """The most bytes that ``close`` takes beside its result, given ``size`` bytes."""
