"""The levels: how much time and memory the coder may spend. Only encoders know levels; files do not."""

from __future__ import annotations

from dataclasses import dataclass

from nzip.format.limits import MIN_TABLE_LOG2

MIB = 1 << 20


@dataclass(frozen=True)
class Level:
    """The engine's profile, its hash table and the block size of one level."""

    number: int
    profile: int
    table_share: int  # bytes of hash table worth having for each byte of plaintext
    max_table_log2: int
    block_size: int


# Levels above 5 wait for networks; until they come these spend what level 5 spends.
LEVELS: dict[int, Level] = {
    1: Level(1, profile=1, table_share=64, max_table_log2=24, block_size=4 * MIB),
    2: Level(2, profile=1, table_share=64, max_table_log2=25, block_size=8 * MIB),
    3: Level(3, profile=2, table_share=128, max_table_log2=27, block_size=16 * MIB),
    4: Level(4, profile=2, table_share=128, max_table_log2=28, block_size=16 * MIB),
    **{n: Level(n, profile=3, table_share=256, max_table_log2=28, block_size=16 * MIB) for n in range(5, 10)},
}
DEFAULT_LEVEL = 5


def table_log2(level: int, plain_size: int) -> int:
    """Log2 of the hash table's bytes for a run of ``plain_size`` bytes: small inputs get small tables.

    >>> table_log2(5, 1000), table_log2(5, 1 << 20), table_log2(5, 1 << 30)
    (18, 28, 28)
    """
    wanted = (LEVELS[level].table_share * plain_size - 1).bit_length()
    return max(MIN_TABLE_LOG2, min(LEVELS[level].max_table_log2, wanted))
