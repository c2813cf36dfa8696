"""The input tables of the networks that there are. docs/model.md says what their rows are."""

from __future__ import annotations

from dataclasses import dataclass

from nzip import _native

LEVELS = (0, 2, 5, 9, 14, 20, 28, 40)  # that the values of 4 bits name, and their negatives

_GATES = ("gate0", "gate1", "gate2", "gate3")
_CONTEXTS = ("order1", "order2", "order3", "order4", "order5", "order6", "word", "skip", "above", "field")
# The tables' names, in the order in which the native inputs give their rows.
ARCHITECTURES: dict[str, tuple[str, ...]] = {
    "glr1": (*_GATES, "last1", "above", "column", "layout", "word", "last_word", "trigram"),
    "glr2": (
        *(*_GATES, "gate_expected", "last1", "last2", "above", "column", "layout", "field"),
        *("word", "last_word", "words2", "words3", "ngram3", "ngram4", "ngram5", "ngram6"),
        *(f"first_{context}" for context in _CONTEXTS),
        *(f"second_{context}" for context in _CONTEXTS),
        *("match", "lookahead", "agreement", "expected"),
    ),
}
MOST_TABLES = max(map(len, ARCHITECTURES.values()))


@dataclass(frozen=True)
class InputTable:
    """Where its rows are added, and how its values are kept."""

    name: str
    rows: int
    width: int
    offset: int  # the first channel of the residual stream, or of the gates, that a row is added to
    named: bool  # values have 4 bits, which name one of the fifteen levels; else 8
    gate: bool


def input_tables(architecture: str, channels: int) -> list[InputTable]:
    """Those of a network, in the order of their rows."""
    shapes = _native.input_tables(architecture, channels)
    return [InputTable(name, *shape) for name, shape in zip(ARCHITECTURES[architecture], shapes, strict=True)]
