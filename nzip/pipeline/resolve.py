"""Options with all that they name at hand: that is loaded once, here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from nzip.codecs.arrays import ArraysCandidate
from nzip.codecs.components import Components
from nzip.codecs.contract import Candidate
from nzip.codecs.mixing import MixingCandidate
from nzip.codecs.table import CODECS
from nzip.format.limits import MAX_RUN
from nzip.format.registry import TransformId
from nzip.levels import LEVELS, UNPACK_LEVEL
from nzip.machine import default_memory_limit
from nzip.options import DEFAULT_SOLID, DecodeOptions, EncodeOptions
from nzip.resources.devices import find_devices
from nzip.resources.primes import Prime
from nzip.resources.references import ReferenceFile
from nzip.resources.resources import Resources


@dataclass(frozen=True)
class Encoding:
    """How to compress."""

    options: EncodeOptions
    candidates: tuple[Candidate, ...]  # ways to code a block; runs of several blocks are coded in the first
    resources: Resources  # what decoding takes, too
    memory_limit: int  # bytes
    solid: int | None  # as in the options, unless there is a reference

    @property
    def main(self) -> Candidate:
        """What codes the runs of several blocks."""
        return self.candidates[0]

    @property
    def components(self) -> Components:
        """Those of the context mixing engine."""
        return next(each.components for each in self.candidates if isinstance(each, MixingCandidate))

    @property
    def arrays(self) -> ArraysCandidate | None:
        """What codes blocks of numbers; None where one way only was asked for, and that is another."""
        return next((each for each in self.candidates if isinstance(each, ArraysCandidate)), None)

    @property
    def earlier(self) -> ReferenceFile | None:
        """The reference as far as it is one of numbers."""
        return None if self.arrays is None else self.arrays.earlier

    @property
    def refers(self) -> bool:
        """Whether blocks are coded against a reference."""
        return self.components.reference is not None

    @property
    def verifies(self) -> bool:
        """Whether each block is decoded before it is written."""
        return self.options.verify or any(each.exact is not each for each in self.candidates)

    @property
    def block_bytes(self) -> int:
        """The size of every block but the last, never more than a solid run may hold."""
        size = self.options.block_size or LEVELS[self.options.level].block_size
        return size if self.solid is None else min(size, self.solid)

    @property
    def without(self) -> frozenset[TransformId]:
        """The transforms that no block goes through."""
        unpacks = self.options.unpack
        if unpacks is None:
            unpacks = self.options.level >= UNPACK_LEVEL
        return frozenset() if unpacks else frozenset({TransformId.UNPACK})

    def run_bytes(self, first_block: int, change: int = 0) -> int:
        """What is coded at most in the run that starts with a block of this size.

        ``change`` is what transforms add to the block that its tables are made for, or take from it.

        A block below the full size is the run's last (or was flushed early), so the run is no longer than it.
        """
        is_full = first_block >= self.block_bytes
        return self.solid if self.solid is not None and is_full else first_block + change

    def with_options(self, **changes: Any) -> Encoding:
        """With other options, of which nothing has to be loaded anew."""
        options = replace(self.options, **changes)
        return replace(self, options=options, solid=options.solid if "solid" in changes else self.solid)

    def with_candidate(self, candidate: Candidate) -> Encoding:
        """With one way only to code a block."""
        return replace(self, candidates=(candidate,))

    def decoding(self) -> Decoding:
        """What restores all that is made so, with as many threads and as much memory."""
        return Decoding(self.resources, self.options.threads, self.memory_limit, None, None)


@dataclass(frozen=True)
class Decoding:
    """How to restore."""

    resources: Resources
    threads: int  # 0: one for each core
    memory_limit: int  # bytes
    max_output: int | None  # bytes
    max_seconds: float | None

    def in_any_environment(self) -> Decoding:
        """The same where language models are tried elsewhere than where they compressed."""
        return replace(self, resources=self.resources.in_any_environment())

    def for_file(self, own_prime: Prime | None) -> Decoding:
        """For one file, which holds a prime."""
        return replace(self, resources=self.resources.for_file(own_prime))


def resolve_encoding(
    options: EncodeOptions | Encoding | None = None, own_prime: Prime | None = None
) -> Encoding:
    """Loads what the options name, unless that is done. OSError where it is not here or broken.

    ``own_prime`` is in the file that is made, and is used unless the options name one.
    """
    if isinstance(options, Encoding):
        if own_prime is None or options.options.prime is not None:
            return options
        options = options.options
    options = options or EncodeOptions()
    resources = Resources(find_devices(options.device)).for_file(own_prime)
    limit = default_memory_limit() if options.memory_limit is None else options.memory_limit
    candidates = tuple(
        candidate
        for codec in CODECS.values()
        for candidate in codec.candidates(options, resources, limit, own_prime)
    )
    encoding = Encoding(options, candidates, resources, limit, options.solid)
    if not encoding.refers:
        return encoding
    # What a run starts with takes as long as coding it, so blocks must share a run.
    reference_size = encoding.components.reference_size
    return replace(encoding, solid=min(options.solid or DEFAULT_SOLID, MAX_RUN - reference_size))


def resolve_decoding(options: DecodeOptions | Decoding | None = None) -> Decoding:
    """Loads what the options name, unless that is done. OSError where it is not here or broken."""
    if isinstance(options, Decoding):
        return options
    options = options or DecodeOptions()
    resources = Resources(find_devices(options.device), any_environment=options.any_environment)
    if options.prime is not None:
        resources.add_prime(options.prime)
    if options.ref is not None:
        resources.add_reference(options.ref, options.memory_limit)
    if options.model is not None and resources.add_language_file(options.model) is None:
        resources.add_network(options.model)
    limit = default_memory_limit() if options.memory_limit is None else options.memory_limit
    return Decoding(resources, options.threads, limit, options.max_output, options.max_seconds)
