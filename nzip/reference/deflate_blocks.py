"""Blocks of a deflate stream as bits: RFC 1951, with codes as zlib makes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nzip.errors import NzipFormatError
from nzip.reference.deflate_codes import EXTRA, LEAST, ORDER, Run, code_lengths, codes, runs

FIXED_LENGTHS = [8] * 144 + [9] * 112 + [7] * 24 + [8] * 8
FIXED_DISTANCES = [5] * 30
_END_OF_BLOCK = 256

Symbol = tuple[int, int, int, bool]
"""A symbol, its extra bits and their value, and whether it is one of the distances."""


class BitWriter:
    def __init__(self) -> None:
        self.out = bytearray()
        self._held = 0
        self._bits = 0

    def put(self, value: int, bits: int) -> None:
        self._held |= value << self._bits
        self._bits += bits
        while self._bits >= 8:
            self.out.append(self._held & 255)
            self._held >>= 8
            self._bits -= 8

    def fill(self, value: int) -> None:
        """Fills up the byte with the lowest bits of a number."""
        if self._bits:
            room = 8 - self._bits
            self.put(value & ((1 << room) - 1), room)


@dataclass
class BlockCodes:
    """A dynamic block's codes: their lengths, how these are written, and the code for that, by its symbols,
    of which so many are written."""

    literals: list[int]
    distances: list[int]
    runs: list[Run]
    run_lengths: list[int]
    run_count: int

    @property
    def header_bits(self) -> int:
        """Bits of the header behind the block's first three."""
        bits = sum(self.run_lengths[symbol] + EXTRA.get(symbol, 0) for symbol, _ in self.runs)
        return 5 + 5 + 4 + 3 * self.run_count + bits


def made_codes(literals: list[int], distances: list[int]) -> BlockCodes:
    """The codes that zlib would make for symbols of these counts."""
    first, second = _used(code_lengths(literals, 15)), _used(code_lengths(distances, 15))
    written = runs(first) + runs(second)
    return BlockCodes(first, second, written, *run_code(written))


def _used(lengths: list[int]) -> list[int]:
    last = max(symbol for symbol, length in enumerate(lengths) if length)
    return lengths[: last + 1]


def run_code(written: list[Run]) -> tuple[list[int], int]:
    """The lengths of the code for some runs, and how many of them are written."""
    counts = [0] * 19
    for symbol, _ in written:
        counts[symbol] += 1
    lengths = code_lengths(counts, 7)
    count = 19
    while count > 4 and not lengths[ORDER[count - 1]]:
        count -= 1
    return lengths, count


def _length_symbol(length: int) -> Symbol:
    if length == 258:
        return 285, 0, 0, False
    x = length - 3
    extra = max(0, x.bit_length() - 3)
    return 257 + 4 * extra + (x >> extra), extra, x & ((1 << extra) - 1), False


def _distance_symbol(distance: int) -> Symbol:
    x = distance - 1
    extra = max(0, x.bit_length() - 2)
    return 2 * extra + (x >> extra), extra, x & ((1 << extra) - 1), True


def block_symbols(
    tokens: npt.NDArray[np.int32], content: bytes, at: int
) -> tuple[list[Symbol], list[int], list[int]]:
    """The symbols of a block's tokens and its end, and the counts of literals and of distances."""
    symbols: list[Symbol] = []
    for length, distance in tokens.tolist():
        if length == 0:
            symbols.append((content[at], 0, 0, False))
            at += 1
        else:
            symbols += _length_symbol(length), _distance_symbol(distance)
            at += length
    symbols.append((_END_OF_BLOCK, 0, 0, False))
    literals, distances = [0] * 286, [0] * 30
    for symbol, _, _, is_distance in symbols:
        (distances if is_distance else literals)[symbol] += 1
    return symbols, literals, distances


def cost(counts: list[int], lengths: list[int]) -> int:
    return sum(count * length for count, length in zip(counts, lengths, strict=False))


def write_codes(writer: BitWriter, used: BlockCodes) -> None:
    """A dynamic block's header behind its first three bits."""
    writer.put(len(used.literals) - 257, 5)
    writer.put(len(used.distances) - 1, 5)
    writer.put(used.run_count - 4, 4)
    for symbol in ORDER[: used.run_count]:
        writer.put(used.run_lengths[symbol], 3)
    written = codes(used.run_lengths)
    for symbol, n in used.runs:
        _put(writer, written, symbol)
        if symbol in EXTRA:
            writer.put(n - LEAST[symbol], EXTRA[symbol])


def write_symbols(
    writer: BitWriter, symbols: list[Symbol], literals: list[int], distances: list[int]
) -> None:
    tables = codes(literals), codes(distances)
    for symbol, extra, value, is_distance in symbols:
        _put(writer, tables[is_distance], symbol)
        writer.put(value, extra)


def _put(writer: BitWriter, table: list[tuple[int, int]], symbol: int) -> None:
    code, bits = table[symbol] if symbol < len(table) else (0, 0)
    if not bits:
        raise NzipFormatError("a symbol of a deflate stream that has no code")
    writer.put(code, bits)
