"""What every codec must be able to do: turn the blocks of a run into coded bytes, and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nzip.format.block import BlockHeader, Coding, Segment, Step
from nzip.options import EncodeOptions
from nzip.progress import Gauge
from nzip.resources.primes import Prime
from nzip.resources.resources import Resources
from nzip.transforms.contract import Data
from nzip.transforms.repeats import left_out

_LEAST_MORE = 256  # bytes that a block may become more than it is


@dataclass(frozen=True)
class Block:
    """A block as a codec sees it."""

    size: int  # of the plaintext
    checksum: int
    data: Data  # what the transforms make of the plaintext: the engine input
    steps: tuple[Step, ...]
    segments: tuple[Segment, ...]  # of the data
    places: tuple[int, ...] = ()  # of each segment in an earlier file, where there is one

    @property
    def most(self) -> int:
        """Bytes that it may become: what is left out pays for data that do not."""
        size = len(self.data)
        return min(self.size, size + size // 16 + _LEAST_MORE if left_out(self.steps) else size) - 1


class Cost(NamedTuple):
    """Of decoding, as far as headers tell."""

    seconds: float  # on one core, roughly
    memory: int  # bytes, networks aside; announced, so seldom less


class EncodingRun(ABC):
    """A run that is being coded."""

    @abstractmethod
    def encode(
        self, block: Block, gauge: Gauge, *, continues: bool, keeps: bool
    ) -> tuple[Coding, bytes] | None:
        """The next block's header fields and coded bytes; None where these are more than the block's most.

        After a block that ``keeps``, another one may continue the run. ``gauge`` is told what is done, and
        may stop the work.
        """


class Candidate(ABC):
    """A codec with all that it needs to code: one way to code a block."""

    @property
    def takes_helpers(self) -> bool:
        """Whether threads that are free can do a part of a block's work."""
        return False

    @property
    def threads(self) -> int:
        """How many a block keeps at work by itself."""
        return 1

    @property
    def shared_memory(self) -> int:
        """Bytes that the blocks in flight have in common."""
        return 0

    @property
    def key(self) -> Hashable:
        """Candidates with the same key take about the same bytes and seconds for a byte."""
        return type(self)

    @property
    def seconds(self) -> float:
        """Of one core for a byte, roughly, and the same everywhere: candidates of one codec differ in it."""
        return 0.0

    @property
    def exact(self) -> Candidate:
        """Itself, if it surely decodes to what was coded. If not, each block is decoded to see, and this one
        takes its place where the block is not restored."""
        return self

    @property
    def lighter(self) -> Candidate:
        """What takes next to no time beside it and may do as well; itself if there is none."""
        return self

    @property
    def cheapest(self) -> Candidate:
        """What takes the least time and memory to start."""
        return self

    @abstractmethod
    def accepts(self, block: Block) -> bool:
        """Whether it may be worth coding the block so, as far as that can be told in no time."""

    @abstractmethod
    def start(self, run_size: int, gauge: Gauge, helpers: int) -> EncodingRun:
        """A new run, for ``run_size`` bytes of blocks. ``helpers`` threads may do a part of the work; they
        never change what comes out."""

    @abstractmethod
    def memory(self, run_size: int, most: int) -> int:
        """The most bytes that such a run takes when ``most`` bytes went through it, beside a block's."""

    @abstractmethod
    def may_have_made(self, coding: Coding, run_size: int) -> bool:
        """Whether a block's header may come from here, given the size that its run was started for."""

    @abstractmethod
    def get_ready(self) -> None:
        """So that a run can be started while Python ends, when nothing can be imported any more."""


class DecodingRun(ABC):
    """A run that is being decoded. All that its first header names is there."""

    @property
    def threads(self) -> int:
        """How many a block keeps at work."""
        return 1

    @abstractmethod
    def check(self, header: BlockHeader) -> None:
        """Raises what names the first thing that is not known of one more block of the run."""

    @abstractmethod
    def memory(self, header: BlockHeader, run_size: int) -> int:
        """The most bytes that a block takes beside its payload, its plaintext and what transforms take.

        ``run_size`` bytes have gone through the run when it is done.
        """

    @abstractmethod
    def decode(self, header: BlockHeader, payload: bytes, gauge: Gauge, helpers: int) -> bytes:
        """The engine input of the next block. Raises ValueError where there is none with this payload.

        So many threads may do a part of the work; they never change what comes out.
        """


class Codec(ABC):
    """One revision of an engine."""

    engine: int  # an EngineId
    revision: int

    @abstractmethod
    def candidates(
        self,
        options: EncodeOptions,
        resources: Resources,
        memory_limit: int,
        own_prime: Prime | None,
    ) -> Sequence[Candidate]:
        """The ways to code with these options, with all that is loaded that they name. OSError where that
        is not here, NzipMemoryError where it does not fit the limit."""

    @abstractmethod
    def open(self, header: BlockHeader, resources: Resources) -> DecodingRun:
        """The run that a block starts; raises what names the first thing that is not known or not here."""

    @abstractmethod
    def cost(self, header: BlockHeader, run_size: int) -> Cost:
        """Of decoding one block beside its payload, its plaintext and what transforms take; nothing is
        loaded for it."""
