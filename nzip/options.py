"""How to compress and how to restore: plain values, for which nothing is read or loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from nzip.format.limits import MAX_BLOCK, MAX_LANES, MAX_MODEL_THREADS, MAX_RUN
from nzip.levels import DEFAULT_LEVEL, LEVELS
from nzip.resources.devices import CPU, check_device_name
from nzip.resources.models import ModelName
from nzip.resources.primes import PrimeName
from nzip.resources.references import RefName

DEFAULT_SOLID = 256 << 20
MAX_RECOVERY = 100  # percent


@dataclass(frozen=True)
class EncodeOptions:
    """The choices of an encoder. ``threads``, ``memory_limit`` and ``device`` never change what it writes.

    Raises ValueError for what no encoder can do; that models, primes and devices are not here is told when
    they are needed.
    """

    level: int = DEFAULT_LEVEL
    block_size: int | None = None  # None: the level's
    lanes: int = 1
    solid: int | None = None  # restart the tables after this many bytes; None: with every block
    threads: int = 0  # 0: one for each core
    memory_limit: int | None = None  # None: default_memory_limit()
    model: ModelName | None = None  # none, default, a name, an id, a path; None: the level's
    model_threads: int = 1  # of a language model, in each block
    gpu_layers: int = 0  # of a language model: that many of its layers run on a GPU
    prime: PrimeName | None = None  # none, default, a path; None: the level's
    ref: RefName | None = None  # the path of an earlier version, which each run learns first; implies solid
    unpack: bool | None = None  # open what is packed inside; None: from level 3 on
    index: bool = True  # for streams of more than one block
    recovery: float = (
        0  # percent of the stream that may be lost in one place and restored; 0: no such records
    )
    verify: bool = False  # decode each block before it is written; always done with a language model
    device: str = CPU  # or torch:cpu, cuda, cuda:0,1, auto: where the network is evaluated

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
        _check_threads(self.threads)
        check_device_name(self.device)

    def decode_options(self) -> DecodeOptions:
        """What restores all that is made with these, with as many threads and as much memory."""
        return DecodeOptions(
            threads=self.threads,
            memory_limit=self.memory_limit,
            prime=self.prime,
            ref=self.ref,
            model=self.model,
            device=self.device,
        )


@dataclass(frozen=True)
class DecodeOptions:
    """The choices of a decoder. None of them changes what it restores.

    Raises ValueError for what no decoder can do; that files and devices are not here is told when they are
    needed.
    """

    threads: int = 0  # 0: one for each core
    memory_limit: int | None = None  # None: default_memory_limit()
    max_output: int | None = None  # bytes of plaintext: more are refused, before they are decoded
    max_seconds: float | None = None  # what is announced to take longer is refused, and what does is ended
    prime: PrimeName | None = None  # the file that the data were primed with, where that was one
    ref: RefName | None = None  # the file that they were compressed against
    model: ModelName | None = None  # the model's file, where that is not installed
    device: str = CPU  # where networks are evaluated, as in EncodeOptions
    any_environment: bool = False  # try language models elsewhere than where they compressed

    def __post_init__(self) -> None:
        _check_threads(self.threads)
        check_device_name(self.device)


def _check_range(name: str, value: int | None, most: int) -> None:
    if isinstance(value, bool):  # solid=True would be a run of one byte
        raise TypeError(f"{name} is {value}; a number is wanted")
    if value is not None and not 1 <= value <= most:
        raise ValueError(f"{name} is {value}; 1 to {most} are allowed")


def _check_threads(threads: int) -> None:
    if threads < 0:
        raise ValueError(f"threads is {threads}; 0 or more are allowed")


class Options(TypedDict, total=False):
    """The fields of ``EncodeOptions`` but the level, as the library's functions take them."""

    block_size: int | None
    lanes: int
    solid: int | None
    threads: int
    memory_limit: int | None
    model: ModelName | None
    model_threads: int
    gpu_layers: int
    prime: PrimeName | None
    ref: RefName | None
    unpack: bool | None
    index: bool
    recovery: float
    verify: bool
    device: str


class DecodingOptions(TypedDict, total=False):
    """The fields of ``DecodeOptions``, as the library's functions take them."""

    threads: int
    memory_limit: int | None
    max_output: int | None
    max_seconds: float | None
    prime: PrimeName | None
    ref: RefName | None
    model: ModelName | None
    device: str
    any_environment: bool


class FileOptions(Options, total=False):
    """What files take that are written or read."""

    max_output: int | None
    max_seconds: float | None


LIMITS: tuple[Literal["max_output", "max_seconds"], ...] = ("max_output", "max_seconds")  # of what is read


def library_options(level: int | None, options: Options) -> EncodeOptions:
    """The options of a library call: a caller who wants threads asks for them."""
    options = {"threads": 1, **options}
    return EncodeOptions(DEFAULT_LEVEL if level is None else level, **options)


def library_decode_options(options: DecodingOptions) -> DecodeOptions:
    """The same for restoring."""
    options = {"threads": 1, **options}
    return DecodeOptions(**options)
