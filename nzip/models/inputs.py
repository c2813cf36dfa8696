"""The input tables of the networks that there are. docs/model.md says what their rows are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

FIRST_ROWS, SECOND_ROWS, MATCH_ROWS, LOOKAHEAD_ROWS = 9 * 256 + 1, 3 * 256 + 1, 12 * 256 + 1, 4 * 256 + 1
AGREEMENT_ROWS, EXPECTED_ROWS = 486, 8 * 256 + 1
CONTEXTS = ("order1", "order2", "order3", "order4", "order5", "order6", "word", "skip", "above", "field")
LEVELS = (0, 2, 5, 9, 14, 20, 28, 40)  # that the values of 4 bits name, and their negatives


@dataclass(frozen=True)
class InputTable:
    """Where its rows are added, and how its values are kept."""

    name: str
    rows: int
    width: int
    offset: int  # the first channel of the residual stream, or of the gates, that a row is added to
    named: bool  # values have 4 bits, which name one of the fifteen levels; else 8
    gate: bool


def glr1_tables(d: int) -> list[InputTable]:
    """For ``d`` channels, in the order in which the native inputs give their rows."""
    gates = [InputTable(f"gate{k}", 256, 3 * d, 0, False, True) for k in range(4)]
    rows = {
        "last1": 256,
        "above": 256,
        "column": 64,
        "layout": 256,
        "word": 4096,
        "last_word": 1024,
        "trigram": 2048,
    }
    return gates + [InputTable(name, count, d, 0, False, False) for name, count in rows.items()]


def glr2_tables(d: int) -> list[InputTable]:
    """For ``d`` channels, in the order in which the native inputs give their rows."""
    found: list[InputTable] = []

    def add(name: str, rows: int, width: int, *, offset: int = 0, named: bool = True) -> None:
        width = min(width, d)
        found.append(InputTable(name, rows, width, min(offset, d - width), named, False))

    for k in range(4):
        found.append(InputTable(f"gate{k}", 256, 3 * d, 0, False, True))
    found.append(InputTable("gate_expected", 4 * 256 + 1, 3 * d, 0, True, True))
    for name in "last1", "last2", "above", "column", "layout", "field":
        add(name, 64 if name == "column" else 256, d, named=False)
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


ARCHITECTURES: dict[str, Callable[[int], list[InputTable]]] = {"glr1": glr1_tables, "glr2": glr2_tables}
MOST_TABLES = max(len(tables(32)) for tables in ARCHITECTURES.values())
