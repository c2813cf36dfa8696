"""The levels: how much time and memory the coder may spend. Only encoders know levels; files do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nzip.format.limits import MIN_TABLE_LOG2

MIB = 1 << 20


@dataclass(frozen=True)
class Level:
    """The engine's components, its hash table and the block size of one level.

    Where a model is there by itself, a block may do without it: coded with another component set, if that
    saves enough time for the bytes that it costs.
    """

    number: int
    component_set: int
    model: str = "none"  # what --model is, unless it is given
    prime: str = "none"  # the same of --prime
    without: tuple[int, ...] = ()  # component sets that a block may be coded with without a model
    price: float = 0.0  # share of a block's coded bytes that a microsecond for each of its bytes must save
    table_share: int = 256  # bytes of hash table worth having for each byte of plaintext
    max_table_log2: int = 28
    block_size: int = 16 * MIB
    learner: str = "none"  # where a network learns while blocks are coded: none, alone or always


LEVELS: dict[int, Level] = {
    level.number: level
    for level in (
        Level(1, 1, table_share=64, max_table_log2=24, block_size=4 * MIB),
        Level(2, 2, table_share=128, max_table_log2=26, block_size=8 * MIB),
        Level(3, 3),
        Level(4, 2, "default", "default", (3,), 1e-3),
        Level(5, 3, "default", "default", (3,), 1e-3),
        Level(6, 3, "default", "default", (4,), 1e-3),
        Level(7, 4, "default", "default", (4,), 1e-3, table_share=512),
        Level(8, 4, "default", "default", (4,), 0.0, 512, 29, 64 * MIB, learner="alone"),
        Level(9, 4, "default", "default", (4,), 0.0, 512, 30, 128 * MIB, learner="always"),
    )
}
DEFAULT_LEVEL = 6
UNPACK_LEVEL = 3  # from here on packed streams are opened


def has_learner(level: int, *, with_network: bool) -> bool:
    """Whether what a level codes is predicted by a learner, too, beside a network or without one."""
    return LEVELS[level].learner == "always" or (LEVELS[level].learner == "alone" and not with_network)


def spans(levels: Iterable[int]) -> str:
    """Levels as people write them.

    >>> spans([1, 2, 3, 7, 9])
    '-1 to -3, -7, -9'
    """
    parts: list[list[int]] = []
    for level in sorted(levels):
        if parts and parts[-1][-1] == level - 1:
            parts[-1].append(level)
        else:
            parts.append([level])
    return ", ".join(f"-{part[0]} to -{part[-1]}" if len(part) > 1 else f"-{part[0]}" for part in parts)


def table_log2(level: int, plain_size: int) -> int:
    """Log2 of the hash table's bytes for a run of ``plain_size`` bytes: small inputs get small tables.

    >>> table_log2(5, 1000), table_log2(5, 1 << 20), table_log2(5, 1 << 30)
    (18, 28, 28)
    """
    wanted = (LEVELS[level].table_share * plain_size - 1).bit_length()
    return max(MIN_TABLE_LOG2, min(LEVELS[level].max_table_log2, wanted))
