"""Deflate as a packed format: a stream again from its content and residue (docs/format/deflate.md)."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

from nzip.errors import NzipFormatError
from nzip.reference.cursor import Cursor
from nzip.reference.deflate_blocks import (
    FIXED_DISTANCES,
    FIXED_LENGTHS,
    BitWriter,
    BlockCodes,
    block_symbols,
    cost,
    made_codes,
    run_code,
    write_codes,
    write_symbols,
)
from nzip.reference.deflate_codes import EXTRA, LEAST, ORDER, Run, runs
from nzip.reference.deflate_decisions import NUMBER, bit, decisions, number, symbol
from nzip.reference.deflate_parse import begin_block, encoder, know
from nzip.reference.deflate_tokens import LIKELY_TOKEN_MODELS, TOKEN_MODELS, room_for_tokens, tokens

# Of zlib's levels: good, lazy, nice, chain.
_LEVELS = [
    (4, 4, 8, 4),
    (4, 5, 16, 8),
    (4, 6, 32, 32),
    (4, 4, 16, 16),
    (8, 16, 32, 32),
    (8, 16, 128, 128),
    (8, 32, 128, 256),
    (32, 128, 258, 1024),
    (32, 258, 258, 4096),
]

_MOST_OF_A_STORED_BLOCK = 65535

# Places of the models. Those of the tokens come first.
_NOT_STORED = TOKEN_MODELS  # 2: behind another block, behind a stored one
_FINAL = _NOT_STORED + 2  # 2: by whether the content ends
_ANOTHER = _FINAL + 2
_ENDS_BY_SPLIT = _ANOTHER + 1
_KIND = _ENDS_BY_SPLIT + 1  # 3: by the expected kind
_AS_MADE = _KIND + 3
_RUNS_AS_MADE = _AS_MADE + 1
_RUN_CODE_AS_MADE = _RUNS_AS_MADE + 1
_LIKELY = range(_NOT_STORED, _RUN_CODE_AS_MADE + 1)
_STORED_AS_BEFORE = _RUN_CODE_AS_MADE + 1
_IS_ZERO = _STORED_AS_BEFORE + 1
_LENGTH_SYMBOLS = _IS_ZERO + 1  # 16 of 16
_RUN_SYMBOLS = _LENGTH_SYMBOLS + 16 * 16
_RUN_LENGTH_SYMBOLS = _RUN_SYMBOLS + 4  # 8 of 8
_NUMBERS = _RUN_LENGTH_SYMBOLS + 8 * 8
_STORED_SIZE, _PADDING, _COUNT, _LITERALS, _DISTANCES, _MORE, _COUNT_OF_RUN_LENGTHS, _BEHIND = (
    _NUMBERS + NUMBER * k for k in (0, 1, 2, 3, 4, 5, 8, 9)
)
_MODELS = _BEHIND + NUMBER
_STORED, _FIXED, _DYNAMIC = range(3)


def _parameters(cursor: Cursor) -> list[int]:
    level = cursor.number(1)
    if level > 18:
        raise NzipFormatError(f"parameters {level} of a deflate stream")
    if level == 0:
        small = [cursor.number(1) for _ in range(5)]
        values = small + [cursor.number(2) for _ in range(8)]
    else:
        gzip, level = level > 9, (level - 1) % 9 + 1
        good, lazy, nice, chain = _LEVELS[level - 1]
        reach_of_three = 32768 if level <= 3 else 4096
        tokens_ = 32767 if gzip else 16383
        parse = 2 if level <= 3 else 3
        values = [parse, int(gzip), 0, 15, 0, chain, good, nice, lazy, 3, 32506, reach_of_three, tokens_]
    parse, split, hash_, hash_bits, _, chain, _, _, _, least, reach, _, _ = values
    fits = parse <= 6 and split <= 1 and hash_ <= 3 and 8 <= hash_bits <= 16 and chain >= 1
    if not fits or least in (1, 2) or not 1 <= reach <= 32768:
        raise NzipFormatError("parameters of a deflate stream that cannot be")
    return values


def pack_deflate(residue: bytes, content: bytes) -> bytes:
    """The stream, and what stands behind it."""
    cursor = Cursor(residue)
    parameters = _parameters(cursor)
    return _Stream(parameters, cursor.rest(), content).write()


class _Stream:
    def __init__(self, parameters: list[int], data: bytes, content: bytes) -> None:
        self._d = decisions(data, _MODELS, [*LIKELY_TOKEN_MODELS, _LIKELY])
        # Behind a stored block, whether the next one is stored is open.
        self._d.p[_NOT_STORED + 1], self._d.r[_NOT_STORED + 1] = 2**31, 1
        self._content = content
        self._encoder = encoder(content, parameters)
        self._writer = BitWriter()
        self._at = 0
        self._guesses = np.array([7], np.int64)
        self._stored_size = _MOST_OF_A_STORED_BLOCK

    def write(self) -> bytes:
        after_stored = False
        while True:
            after_stored = not self._bit(_NOT_STORED + after_stored)
            final = self._stored_block() if after_stored else self._token_block()
            if len(self._writer.out) > 2 * len(self._content) + 64:
                raise NzipFormatError("a deflate stream of more bytes than allowed")
            ends = self._at == len(self._content)
            if final and not ends:
                raise NzipFormatError("a deflate stream that ends before its content")
            if final or (ends and not self._bit(_ANOTHER)):
                break
        return self._end()

    def _bit(self, model: int) -> bool:
        return bool(bit(self._d, model))

    def _number(self, models: int) -> int:
        return int(number(self._d, models))

    def _final(self) -> bool:
        ends = self._at == len(self._content)
        return self._bit(_FINAL + ends) == ends

    def _stored_block(self) -> bool:
        if not self._bit(_STORED_AS_BEFORE):
            self._stored_size = self._number(_STORED_SIZE)
        size = self._stored_size
        if size > min(_MOST_OF_A_STORED_BLOCK, len(self._content) - self._at):
            raise NzipFormatError("a stored block of more bytes than it may have")
        padding = self._padding()
        content = self._content[self._at : self._at + size]
        self._at += size
        know(self._encoder, self._at)
        final = self._final()
        self._writer.put(final, 3)
        self._writer.fill(padding)
        self._writer.out += size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + content
        return final

    def _padding(self) -> int:
        padding = self._number(_PADDING)
        if padding > 127:
            raise NzipFormatError("more than 7 bits between a header and a byte")
        return padding

    def _token_block(self) -> bool:
        left = len(self._content) - self._at
        count = -1 if self._bit(_ENDS_BY_SPLIT) else self._number(_COUNT)
        if count > left:
            raise NzipFormatError("a block of more tokens than bytes")
        begin_block(self._encoder, self._at)
        room = room_for_tokens(left if count < 0 else count)
        n = tokens(self._d, 0, self._encoder, self._at, count, self._guesses, room)
        if n < 0 or (count >= 0 and n != count):
            raise NzipFormatError("tokens of a deflate stream that cannot be")
        found = room[:n]
        size = int(np.maximum(found[:, 0], 1).sum())
        start = self._at
        self._at += size
        final = self._final()
        self._write_tokens(found, start, size, final)
        return final

    def _write_tokens(self, found: npt.NDArray[np.int32], start: int, size: int, final: bool) -> None:
        symbols, literals, distances = block_symbols(found, self._content, start)
        extra_bits = sum(symbol[1] for symbol in symbols)
        made = made_codes(literals, distances)
        dynamic = 3 + extra_bits + made.header_bits
        dynamic += cost(literals, made.literals) + cost(distances, made.distances)
        fixed = 3 + extra_bits + cost(literals, FIXED_LENGTHS) + cost(distances, FIXED_DISTANCES)
        f, d = (fixed + 7) // 8, (dynamic + 7) // 8
        expected = _STORED if size + 4 <= min(f, d) else _FIXED if f <= d else _DYNAMIC
        self._writer.put(final, 1)
        if self._bit(_KIND + expected) == (expected == _DYNAMIC):
            used = made if self._bit(_AS_MADE) else self._other_codes(made)
            self._writer.put(2, 2)
            write_codes(self._writer, used)
            write_symbols(self._writer, symbols, used.literals, used.distances)
        else:
            self._writer.put(1, 2)
            write_symbols(self._writer, symbols, FIXED_LENGTHS, FIXED_DISTANCES)

    def _other_codes(self, made: BlockCodes) -> BlockCodes:
        """Codes that are not those that zlib would make."""
        literals, distances = self._number(_LITERALS) + 257, self._number(_DISTANCES) + 1
        if literals > 286 or distances > 30:
            raise NzipFormatError("a deflate block of too many codes")
        expected = _padded(made.literals, literals) + _padded(made.distances, distances)
        lengths = [self._symbol(_LENGTH_SYMBOLS + 16 * length, 4) for length in expected]
        written = runs(lengths[:literals]) + runs(lengths[literals:])
        if not self._bit(_RUNS_AS_MADE):
            written = self._other_runs(lengths)
        codes_made = run_code(written)
        run_lengths, count = codes_made
        if not self._bit(_RUN_CODE_AS_MADE):
            count = self._number(_COUNT_OF_RUN_LENGTHS) + 4
            if count > len(ORDER):
                raise NzipFormatError("a deflate block of too many codes")
            run_lengths = [0] * len(ORDER)
            for symbol_ in ORDER[:count]:
                run_lengths[symbol_] = self._symbol(_RUN_LENGTH_SYMBOLS + 8 * codes_made[0][symbol_], 3)
        return BlockCodes(lengths[:literals], lengths[literals:], written, run_lengths, count)

    def _other_runs(self, lengths: list[int]) -> list[Run]:
        written: list[Run] = []
        at = 0
        while at < len(lengths):
            kind = self._symbol(_RUN_SYMBOLS, 2)
            if kind == 0:
                written.append((lengths[at], 1))
                at += 1
                continue
            symbol_ = 15 + kind
            more = self._number(_MORE + NUMBER * (kind - 1))
            n = LEAST[symbol_] + more
            unit = 0 if symbol_ > 16 else lengths[at - 1] if at else -1
            if more >> EXTRA[symbol_] or lengths[at : at + n] != [unit] * n:
                raise NzipFormatError("runs that are not the lengths of a deflate block")
            written.append((symbol_, n))
            at += n
        return written

    def _end(self) -> bytes:
        padding, behind = (0 if self._bit(_IS_ZERO) else self._number(_BEHIND) + 1 for _ in range(2))
        if padding > 127 or behind > 2:
            raise NzipFormatError("a deflate stream whose end cannot be")
        self._writer.fill(padding)
        if int(self._d.coder[2]) > len(self._d.data) + 8:
            raise NzipFormatError("the residue of a deflate stream ends too early")
        out = self._writer.out
        if behind == 1:
            out += zlib.adler32(self._content).to_bytes(4, "big")
        elif behind == 2:
            out += zlib.crc32(self._content).to_bytes(4, "little")
            out += (len(self._content) & 0xFFFFFFFF).to_bytes(4, "little")
        return bytes(out)

    def _symbol(self, models: int, bits: int) -> int:
        return int(symbol(self._d, models, bits))


def _padded(lengths: list[int], count: int) -> list[int]:
    return (lengths + [0] * count)[:count]
