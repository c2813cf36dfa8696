"""What every transform must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, Generic, NamedTuple, TypeVar

from nzip import _native
from nzip.format.block import Segment, Step

Data = bytes | bytearray
Found = TypeVar("Found")

_PIECE = 1 << 18  # bytes of a tail at a time, so that they come from the processor's cache


class Tail(NamedTuple):
    """What belongs to a block behind the bytes that are in memory, and repeats the last of these."""

    size: int  # bytes
    period: int  # bytes


NO_TAIL = Tail(0, 1)


class Arrays(NamedTuple):
    """The arrays of numbers that a block consists of, if it does."""

    segments: tuple[Segment, ...] = ()
    places: tuple[int, ...] = ()  # of each in an earlier file, where there is one


class Plain(NamedTuple):
    """The plaintext of a block."""

    data: Data
    tail: Tail = NO_TAIL
    arrays: Arrays = Arrays()  # what the headers of files say of the numbers in the data
    start: int = 0  # bytes of plaintext before it

    @property
    def size(self) -> int:
        """Bytes of the block."""
        return len(self.data) + self.tail.size

    def pieces(self) -> Iterator[Data | memoryview]:
        """All bytes of the block."""
        yield self.data
        if self.tail.size:
            piece = bytes(self.data[-self.tail.period :]) * (_PIECE // self.tail.period)
            for left in range(self.tail.size, 0, -len(piece)):
                yield memoryview(piece)[:left]


class Hint(NamedTuple):
    """What kind of segment a part is."""

    kind: int
    parameter: int = 0


class Part(NamedTuple):
    """A stretch of what a transform makes. Without a hint, detectors find out what it is."""

    data: Data | memoryview
    hint: Hint | None = None


class Transform(ABC, Generic[Found]):
    """A reversible change of a block before it is coded.

    Each transform of a block changes all that the one before it made. One that is nested, for it changes
    some parts only, tells in what it makes which these are.
    """

    id: ClassVar[int]  # a TransformId
    changes_tables: ClassVar[bool] = False  # whether an engine's tables are as large as its result asks for

    @abstractmethod
    def find(self, plain: Plain, stop: _native.Stop | None) -> Found | None:
        """What there is to change; None: nothing that is worth it, or the tail cannot be dealt with."""

    @abstractmethod
    def forward(self, plain: Plain, found: Found, stop: _native.Stop | None) -> list[Part]:
        """What the block becomes, given what ``find`` found in the same data, with the same tail or none."""

    @abstractmethod
    def inverse(self, data: Data, size: int, stop: _native.Stop | None) -> bytes:
        """The ``size`` bytes that became this. Raises ValueError where none do."""

    @abstractmethod
    def max_size(self, size: int) -> int:
        """The most bytes that ``size`` bytes become."""

    @abstractmethod
    def memory(self, step: Step) -> int:
        """The most bytes that ``inverse`` takes beside its result, what it is given included."""

    def find_memory(self, size: int) -> int:
        """The most bytes that ``find`` and ``forward`` take beside the ``size`` bytes and the result."""
        return 0

    def block_end(self, data: Data) -> int:
        """Where a block that begins so should end for the transform's sake; 0: it does not matter."""
        return 0
