"""The input tables of glr2: their rows, the channels that they are added to, and their values' bits."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_ROWS, SECOND_ROWS, MATCH_ROWS, LOOKAHEAD_ROWS = 9 * 256 + 1, 3 * 256 + 1, 12 * 256 + 1, 4 * 256 + 1
AGREEMENT_ROWS, EXPECTED_ROWS = 486, 8 * 256 + 1
CONTEXTS = ("order1", "order2", "order3", "order4", "order5", "order6", "word", "skip", "above", "field")
TABLES = 5 + 6 + 8 + 2 * len(CONTEXTS) + 4


@dataclass(frozen=True)
class Table:
    """Where its rows are added, and how its values are rounded."""

    name: str
    rows: int
    width: int
    offset: int  # the first channel of the residual stream, or of the gates, that a row is added to
    named: bool  # values have 4 bits, which name one of fifteen levels; else 8
    gate: bool
    start: float = 0.0  # the spread of values at the start


def tables(d: int) -> list[Table]:
    """In the order of the rows that native/experts/network/statistics.hpp gives."""
    found: list[Table] = []

    def add(
        name: str, rows: int, width: int, *, offset: int = 0, start: float = 0.0, named: bool = True
    ) -> None:
        width = min(width, d)
        found.append(Table(name, rows, width, min(offset, d - width), named, False, start))

    for k in range(4):
        found.append(Table(f"gate{k}", 256, 3 * d, 0, False, True, 0.25))
    found.append(Table("gate_expected", 4 * 256 + 1, 3 * d, 0, True, True, 0.0))
    add("last1", 256, d, start=0.5, named=False)
    add("last2", 256, d, start=0.1, named=False)
    add("above", 256, d, start=0.1, named=False)
    add("column", 64, d, start=0.1, named=False)
    add("layout", 256, d, start=0.1, named=False)
    add("field", 256, d, start=0.1, named=False)
    add("word", 1 << 15, 96, offset=0)
    add("last_word", 1 << 13, 64, offset=96)
    add("words2", 1 << 16, 64, offset=96)
    add("words3", 1 << 15, 32, offset=160)
    add("ngram3", 1 << 14, 64, offset=224)
    add("ngram4", 1 << 15, 64, offset=0)
    add("ngram5", 1 << 15, 48, offset=64)
    add("ngram6", 1 << 15, 48, offset=112)
    for name in CONTEXTS:
        add(f"first_{name}", FIRST_ROWS, 128 if name in ("order1", "skip", "field") else d)
    for name in CONTEXTS:
        add(f"second_{name}", SECOND_ROWS, 128)
    add("match", MATCH_ROWS, d)
    add("lookahead", LOOKAHEAD_ROWS, 64, offset=128)
    add("agreement", AGREEMENT_ROWS, d, named=False)
    add("expected", EXPECTED_ROWS, d)
    return found
