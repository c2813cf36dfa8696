"""How to compress."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from typing import Any, TypedDict

from nzip.codecs.components import Components, encoder_components, fewest_components
from nzip.format.limits import MAX_BLOCK, MAX_LANES, MAX_MODEL_THREADS, MAX_RUN
from nzip.levels import DEFAULT_LEVEL, LEVELS
from nzip.machine import default_memory_limit
from nzip.resources.devices import CPU, Devices, find_devices
from nzip.resources.primes import Prime, PrimeName
from nzip.resources.references import RefName

DEFAULT_SOLID = 256 << 20
TRIFLE = 256  # bytes
MAX_RECOVERY = 100  # percent


@dataclass(frozen=True)
class EncodeOptions:
    """The choices of an encoder. ``threads``, ``memory_limit`` and ``device`` never change what it writes."""

    level: int = DEFAULT_LEVEL
    block_size: int | None = None  # None: the level's
    lanes: int = 1
    solid: int | None = None  # restart the tables after this many bytes; None: with every block
    threads: int = 0  # 0: one for each core
    memory_limit: int | None = None  # None: default_memory_limit()
    model: str | os.PathLike[str] | None = None  # none, default, a name, an id, a path; None: the level's
    model_threads: int = 1  # of a language model, in each block
    gpu_layers: int = 0  # of a language model: that many of its layers run on a GPU
    prime: PrimeName | Prime | None = None  # none, default, a path; None: the level's
    ref: RefName | None = None  # the path of an earlier version, which each run learns first; implies solid
    index: bool = True  # for streams of more than one block
    recovery: float = (
        0  # percent of the stream that may be lost in one place and restored; 0: no such records
    )
    verify: bool = False  # decode each block before it is written; always done with a language model
    device: str = CPU  # or torch:cpu, cuda, cuda:0,1, auto: where the network is evaluated
    components: Components = field(init=False, repr=False, compare=False)
    devices: Devices = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise ValueError(f"level {self.level}; {min(LEVELS)} to {max(LEVELS)} are known")
        _check_range("block_size", self.block_size, MAX_BLOCK)
        _check_range("lanes", self.lanes, MAX_LANES)
        _check_range("solid", self.solid, MAX_RUN)
        _check_range("model_threads", self.model_threads, MAX_MODEL_THREADS)
        if not 0 <= self.recovery <= MAX_RECOVERY:
            raise ValueError(f"recovery is {self.recovery}; 0 to {MAX_RECOVERY} percent are allowed")
        if self.gpu_layers < 0:
            raise ValueError(f"gpu_layers is {self.gpu_layers}; 0 or more are allowed")
        if self.threads < 0:
            raise ValueError(f"threads is {self.threads}; 0 or more are allowed")
        object.__setattr__(self, "devices", find_devices(self.device))
        level = LEVELS[self.level]
        model = level.model if self.model is None else self.model
        prime = level.prime if self.prime is None else self.prime
        components = encoder_components(
            level.component_set, model, prime, self.model_threads, self.gpu_layers
        )
        if self.ref is not None:
            components = components.with_reference(self.ref, self.memory_bytes, self.devices)
        object.__setattr__(self, "components", components)
        if components.reference is not None:
            # What a run starts with takes as long as coding it, so blocks must share a run.
            solid = min(self.solid or DEFAULT_SOLID, MAX_RUN - components.reference_size)
            object.__setattr__(self, "solid", solid)

    def __reduce__(self) -> tuple[type[EncodeOptions], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, each.name) for each in fields(self) if each.init)

    @property
    def memory_bytes(self) -> int:
        """The memory limit in bytes, whether it was given or not."""
        return default_memory_limit() if self.memory_limit is None else self.memory_limit

    @property
    def verifies(self) -> bool:
        return self.verify or self.components.language is not None

    @property
    def block_bytes(self) -> int:
        """The size of every block but the last, never more than a solid run may hold."""
        size = self.block_size or LEVELS[self.level].block_size
        return size if self.solid is None else min(size, self.solid)

    def components_for(self, text_size: int, left_out: int) -> Components:
        """What a block is coded with, of which so many bytes are left out because they repeat others.

        If it hardly has others, to start what a level has would be all the work on it.
        """
        is_trifle = left_out > 0 and text_size <= TRIFLE
        return fewest_components() if is_trifle and self.solid is None else self.components

    def run_bytes(self, first_block: int, left_out: int = 0) -> int:
        """What an engine codes at most in the run that starts with a block of this size.

        A block below the full size is the run's last (or was flushed early), so the run is no longer than it.
        """
        is_full = first_block >= self.block_bytes
        return self.solid if self.solid is not None and is_full else first_block - left_out

    def run_table_log2(self, first_block: int) -> int:
        """The table size for the run that starts with a block of this size."""
        return self.components.table_log2(self.level, self.run_bytes(first_block))


def _check_range(name: str, value: int | None, most: int) -> None:
    if isinstance(value, bool):  # solid=True would be a run of one byte
        raise TypeError(f"{name} is {value}; a number is wanted")
    if value is not None and not 1 <= value <= most:
        raise ValueError(f"{name} is {value}; 1 to {most} are allowed")


class Options(TypedDict, total=False):
    """The fields of ``EncodeOptions`` but the level, as the library's functions take them."""

    block_size: int | None
    lanes: int
    solid: int | None
    threads: int
    memory_limit: int | None
    model: str | os.PathLike[str] | None
    model_threads: int
    gpu_layers: int
    prime: PrimeName | None
    ref: RefName | None
    index: bool
    recovery: float
    verify: bool
    device: str


def library_options(level: int | None, options: Options) -> EncodeOptions:
    """The options of a library call: a caller who wants threads asks for them."""
    options = {"threads": 1, **options}
    return EncodeOptions(DEFAULT_LEVEL if level is None else level, **options)
