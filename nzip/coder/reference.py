"""The range coder in plain Python: slow, readable, and the definition of the bytes.

The coder holds an interval [low, low + range) of 64-bit numbers and narrows it with every decision; whatever
number of the final interval is written tells all decisions apart. The range is kept at 2^56 or more: when it
falls below, the interval's top byte goes out and everything moves up by eight bits. Adding to low may
overflow 64 bits; the carry then goes into the bytes already written (the carry-propagating range coder of
Martin, 1979, with Schindler's and Subbotin's byte-wise renormalisation).

With the range at 2^56 or more, a probability in 2^-32 is rounded by less than one part in 2^24.
"""

from __future__ import annotations

WORD = 1 << 64
FLOOR = 1 << 56


class RangeEncoder:
    """Turns decisions into bytes. Decisions of probability zero cannot be written down."""

    def __init__(self) -> None:
        self._low = 0
        self._range = WORD - 1
        self._out = bytearray()

    def encode_bit(self, bit: int, p1: int) -> None:
        """One bit, where a 1 has the probability ``p1`` / 2^32 and 0 < ``p1`` < 2^32."""
        bound = (self._range >> 32) * p1
        if bit:
            self._narrow(0, bound)
        else:
            self._narrow(bound, self._range - bound)

    def encode_symbol(self, cumulative: int, frequency: int, total_log2: int) -> None:
        """One symbol that owns ``frequency`` of 2^``total_log2`` from ``cumulative`` on."""
        unit = self._range >> total_log2
        self._narrow(unit * cumulative, unit * frequency)

    def finish(self) -> bytes:
        """The coded bytes, ended by as few as decode right when zero bytes follow them."""
        for keep in range(9):
            step = 1 << (64 - 8 * keep)
            rounded = -(-self._low // step) * step  # low, rounded up to its `keep` top bytes
            if rounded - self._low < self._range:
                self._add(rounded - self._low)
                self._out += self._low.to_bytes(8, "big")[:keep]
                break
        return bytes(self._out)

    def _narrow(self, offset: int, size: int) -> None:
        self._add(offset)
        self._range = size
        while self._range < FLOOR:
            self._out.append(self._low >> 56)
            self._low = (self._low << 8) % WORD
            self._range <<= 8

    def _add(self, offset: int) -> None:
        self._low += offset
        if self._low >= WORD:
            self._low -= WORD
            at = len(self._out) - 1
            while self._out[at] == 0xFF:
                self._out[at] = 0
                at -= 1
            self._out[at] += 1


class RangeDecoder:
    """Turns the bytes back into decisions, asked for in the order and with the probabilities of encoding."""

    def __init__(self, coded: bytes) -> None:
        self._coded = coded
        self._at = 8
        self._code = int.from_bytes(coded[:8].ljust(8, b"\0"), "big")  # the number written, less low
        self._range = WORD - 1

    def decode_bit(self, p1: int) -> int:
        """The bit that :meth:`RangeEncoder.encode_bit` was given with ``p1``."""
        bound = (self._range >> 32) * p1
        bit = int(self._code < bound)
        if bit:
            self._narrow(0, bound)
        else:
            self._narrow(bound, self._range - bound)
        return bit

    def peek(self, total_log2: int) -> int:
        """A position in 2^``total_log2`` that the next symbol owns."""
        return min(self._code // (self._range >> total_log2), (1 << total_log2) - 1)

    def consume(self, cumulative: int, frequency: int, total_log2: int) -> None:
        """Takes the symbol that :meth:`peek` pointed at."""
        unit = self._range >> total_log2
        self._narrow(unit * cumulative, unit * frequency)

    @property
    def exhausted(self) -> bool:
        """Whether more was read than any encoder wrote: the bytes were cut, or are not the coder's."""
        return self._at > len(self._coded) + 8

    def _narrow(self, offset: int, size: int) -> None:
        self._code -= offset
        self._range = size
        while self._range < FLOOR:
            byte = self._coded[self._at] if self._at < len(self._coded) else 0
            self._code = (self._code << 8 | byte) % WORD
            self._at += 1
            self._range <<= 8
