"""Every option of compressing and of restoring, defined once.

The commands, their help, the manual page, completion and the keys of job files are made of these rows, and
tests hold the fields of ``EncodeOptions`` and ``DecodeOptions`` to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nzip.format.limits import MAX_BLOCK, MAX_LANES, MAX_MODEL_THREADS, MAX_RUN
from nzip.levels import DEFAULT_LEVEL, LEVELS, UNPACK_LEVEL, spans
from nzip.option_values import Duration, Flag, Name, Number, Path, Percent, Size, Switch, Values
from nzip.options import MAX_RECOVERY
from nzip.resources.devices import CPU


@dataclass(frozen=True, eq=False)
class Option:
    """A choice: what it is called and takes, and what a user is told of it."""

    name: str  # --block-size for block_size, which is the key in job files
    values: Values
    help: str  # without the full stop
    default: Any = None
    shown: str | None = None  # the default, in words
    letter: str | None = None  # -T for T
    metavar: str | None = None  # what stands for a value, where that is not the values' own
    field: str = ""  # of EncodeOptions or DecodeOptions, where that is not the name
    changes_bytes: bool = False  # of what is written

    def __post_init__(self) -> None:
        object.__setattr__(self, "field", self.field or self.name)

    @property
    def flag(self) -> str:
        """What it is called on a command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def text(self) -> str:
        """What the help says."""
        return f"{self.help}{'' if self.shown is None else f' [{self.shown}]'}."


def _by_level(choice: str) -> str:
    """Which network or prime each level uses, in words."""
    numbers: dict[str, list[int]] = {}
    for number, level in LEVELS.items():
        numbers.setdefault(getattr(level, choice), []).append(number)
    return ", ".join(f"{name} at {spans(levels)}" for name, levels in numbers.items())


LEVEL = Option(
    "level",
    Number(min(LEVELS), max(LEVELS)),
    "from fast to strong",
    default=DEFAULT_LEVEL,
    shown=str(DEFAULT_LEVEL),
    changes_bytes=True,
)
RECOVERY = Option(
    "recovery",
    Percent(MAX_RECOVERY),
    "Add what restores so much of the output if it is lost in one place (see nzip repair)",
    default=0,
    changes_bytes=True,
)
VERIFY = Option("verify", Flag(), "Decode each block before it is written", default=False)
THREADS = Option(
    "threads", Number(0), "Threads, fewer where memory is short", default=0, shown="cores", letter="T"
)
MEMORY = Option(
    "memory", Size(), "Memory limit", shown="4 GB or half of the RAM", letter="M", field="memory_limit"
)
DEVICE = Option(
    "device",
    Name(),
    "Where networks run: cpu, cuda, cuda:0,1 or auto; a GPU wants --lanes 64 or more, which cost"
    " 3 to 11 % of the size, a CPU 1 or 2",
    default=CPU,
    shown=CPU,
)
BLOCK_SIZE = Option(
    "block_size", Size(MAX_BLOCK), "Plaintext in a block", shown="by level", changes_bytes=True
)
SOLID = Option(
    "solid",
    Size(MAX_RUN),
    "Blocks continue the statistics of the block before, anew after SIZE",
    shown="256M",
    metavar="[=SIZE]",
    changes_bytes=True,
)
LANES = Option(
    "lanes",
    Number(1, MAX_LANES),
    "Lanes in a block",
    default=1,
    shown="1, the smallest",
    changes_bytes=True,
)
MODEL = Option(
    "model",
    Name(may_be_path=True),
    "Network or language model: none, default, or a name, an id or a path (see nzip models)",
    shown=_by_level("model"),
    changes_bytes=True,
)
MODEL_THREADS = Option(
    "model_threads",
    Number(1, MAX_MODEL_THREADS),
    "Threads of a language model, in each block, at most the cores; restoring needs as many",
    default=1,
    shown="1",
    changes_bytes=True,
)
GPU_LAYERS = Option(
    "gpu_layers",
    Number(0),
    "Layers of a language model on a GPU; restoring needs the same kind of GPU",
    default=0,
    shown="0",
    changes_bytes=True,
)
PRIME = Option(
    "prime",
    Name(may_be_path=True),
    "Text to start from: none, default or a path",
    shown=_by_level("prime"),
    changes_bytes=True,
)
REF = Option(
    "ref",
    Path(),
    "An earlier version, which restoring will need, too; implies --solid",
    changes_bytes=True,
)

UNPACK = Option(
    "unpack",
    Switch(),
    "Open packed streams inside, such as those of ZIP, PDF and PNG",
    shown=f"from -{UNPACK_LEVEL} on",
    changes_bytes=True,
)

# In the order in which the help has them.
COMPRESSING = (
    LEVEL,
    RECOVERY,
    VERIFY,
    THREADS,
    MEMORY,
    DEVICE,
    BLOCK_SIZE,
    SOLID,
    LANES,
    MODEL,
    MODEL_THREADS,
    GPU_LAYERS,
    PRIME,
    REF,
    UNPACK,
)

MAX_OUTPUT = Option("max_output", Size(), "Refuse what is larger when restored", shown="any size")
MAX_TIME = Option(
    "max_time",
    Duration(),
    "Refuse what is announced to take longer on one core, and end what does: 45s, 2h",
    shown="any time",
    field="max_seconds",
)
PRIME_NEEDED = Option("prime", Path(), "The file that the archives were primed with")
REF_NEEDED = Option("ref", Path(), "The file that the archives were compressed against")
MODEL_NEEDED = Option(
    "model", Name(may_be_path=True), "The model that they were compressed with, where it is not installed"
)
ANY_ENVIRONMENT = Option(
    "force",
    Flag(),
    "Try language models that another library or device evaluated",
    default=False,
    field="any_environment",
)
RESTORING = (
    THREADS,
    MEMORY,
    MAX_OUTPUT,
    MAX_TIME,
    ANY_ENVIRONMENT,
    DEVICE,
    PRIME_NEEDED,
    REF_NEEDED,
    MODEL_NEEDED,
)
SPARSE = Option("sparse", Switch(), "Make holes of all zeros, or none", shown="where the original had them")
