"""A Reed-Solomon code that restores what is known to be missing: Cauchy's, over GF(2^8).

A row is some *columns* and some *parities* of equally many bytes; any as many of all these as there are
columns give the others. ``docs/format/container.md`` specifies it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from nzip.numerics import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_TOTAL = 256  # columns and parities

_POLYNOMIAL = 0x11D  # x^8 + x^4 + x^3 + x^2 + 1, whose powers of x are all numbers but 0


def _powers() -> list[int]:
    powers = [1]
    while len(powers) < 255:
        double = powers[-1] << 1
        powers.append(double ^ _POLYNOMIAL if double > 0xFF else double)
    return powers


_POWERS = _powers() * 2
_LOGARITHMS = {power: exponent for exponent, power in enumerate(_POWERS[:255])}


def multiply(one: int, other: int) -> int:
    """
    >>> multiply(2, 0x80), multiply(3, 7), multiply(0, 5)
    (29, 9, 0)
    """
    return _POWERS[_LOGARITHMS[one] + _LOGARITHMS[other]] if one and other else 0


def invert(number: int) -> int:
    """
    >>> multiply(7, invert(7))
    1
    """
    return _POWERS[255 - _LOGARITHMS[number]]


def factor(parity: int, column: int) -> int:
    """What a column is multiplied by in a parity."""
    return invert((MAX_TOTAL - 1 - parity) ^ column)


class Sums:
    """Columns multiplied by factors and added up, as many sums at a time as there are parities."""

    def __init__(self, parities: Iterable[int], size: int) -> None:
        self._sums = {parity: np.zeros(size, np.uint8) for parity in parities}

    def add(self, column: int, data: bytes) -> None:
        """Takes a column in."""
        for parity, total in self._sums.items():
            _add(total, factor(parity, column), data)

    def __getitem__(self, parity: int) -> bytes:
        return self._sums[parity].tobytes()


def restore(
    columns: Iterable[tuple[int, bytes]], parities: Mapping[int, bytes], missing: Sequence[int]
) -> list[bytes]:
    """The missing columns from all others and as many parities as are missing."""
    chosen = list(parities)[: len(missing)]
    sums = Sums(chosen, len(parities[chosen[0]]))
    for column, data in columns:
        sums.add(column, data)
    # What the missing columns add up to in each parity.
    rest = [
        bytes(np.frombuffer(parities[parity], np.uint8) ^ np.frombuffer(sums[parity], np.uint8))
        for parity in chosen
    ]
    restored = []
    for weights in _inverse([[factor(parity, column) for column in missing] for parity in chosen]):
        total = np.zeros(len(rest[0]), np.uint8)
        for weight, data in zip(weights, rest, strict=True):
            _add(total, weight, data)
        restored.append(total.tobytes())
    return restored


def _add(total: NDArray[np.uint8], weight: int, data: bytes) -> None:
    if weight:
        total ^= np.frombuffer(data.translate(_products(weight)), np.uint8)


@lru_cache(maxsize=256)
def _products(weight: int) -> bytes:
    return bytes(multiply(weight, number) for number in range(256))


def _inverse(matrix: list[list[int]]) -> list[list[int]]:
    """By elimination; a matrix of Cauchy's has an inverse, and so has every square part of it."""
    size = len(matrix)
    rows = [[*row, *(int(at == number) for at in range(size))] for number, row in enumerate(matrix)]
    for at in range(size):
        pivot = next(number for number in range(at, size) if rows[number][at])
        rows[at], rows[pivot] = rows[pivot], rows[at]
        scale = invert(rows[at][at])
        rows[at] = [multiply(scale, value) for value in rows[at]]
        for number in range(size):
            if number != at and (weight := rows[number][at]):
                rows[number] = [
                    value ^ multiply(weight, other)
                    for value, other in zip(rows[number], rows[at], strict=True)
                ]
    return [row[size:] for row in rows]
