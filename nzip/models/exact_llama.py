"""Models of the Llama family that are evaluated in integers, alike on every machine: docs/format/llama.md."""

from __future__ import annotations

import math
import mmap
import os
import struct
from fractions import Fraction
from typing import BinaryIO

from nzip import _native
from nzip.errors import NzipModelError
from nzip.models import vocabulary
from nzip.models.gguf_content import GgufContent, read

MAX_WINDOW = 1 << 14  # tokens
_MOST_HEAD = 256  # channels
_ARCHITECTURE = "llama"
_VALUES_AND_BYTES = {  # by ggml's number of a type: what is stored together
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    30: (1, 2),
}
_PI = Fraction(31415926535897932384626433832795028841971, 10**40)
_LOG2_E = Fraction(14426950408889634073599246810018921374266, 10**40)
_ROOT_BITS = 128  # of the fraction of a root


class NotExactError(NzipModelError):
    """A model that this scheme is not for."""


class ExactLlama:
    """A model in integers, with its vocabulary."""

    def __init__(self, path: str) -> None:
        """NotExactError where another way may evaluate it, NzipModelError when the file is broken."""
        with open(path, "rb") as file:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as view:
                content = read(view)
            self._load(_Tensors(content, file), content)

    def _load(self, tensors: _Tensors, content: GgufContent) -> None:
        _check(content)
        heads = content.integer("llama.attention.head_count")
        width = content.integer("llama.embedding_length")
        kv_heads = content.integer("llama.attention.head_count_kv", heads)
        if heads < 1 or width % heads:
            raise NzipModelError("its heads do not divide its channels")
        size = content.integer("llama.attention.key_length", width // heads)
        layers = content.integer("llama.block_count")
        hidden = content.integer("llama.feed_forward_length")
        self.tokens = vocabulary.tokens(content)
        self.start = vocabulary.start(content, len(self.tokens))
        self.context = content.integer("llama.context_length")
        shape = layers, width, heads, kv_heads, size, hidden, len(self.tokens)
        if max(shape) >= 1 << 31 or min(shape) < 1 or size > _MOST_HEAD:
            raise NzipModelError("its shape is out of range")
        if size % 32 or width % 32 or hidden % 32:
            raise NotExactError("whose channels are no multiples of 32, which is not evaluated in integers")
        epsilon = Fraction(content.number("llama.attention.layer_norm_rms_epsilon"))
        try:
            self.native = _native.Llama(
                shape,
                min(max(math.floor(epsilon * width * (1 << 32)), 0), (1 << 62) - 1),
                _turns(content, size, tensors),
                math.floor(_LOG2_E * (1 << (24 + 64)) / math.isqrt(size << 128)),
                tensors.get,
            )
        except ValueError as error:
            raise NzipModelError(f"a language model is broken: {error}") from None


class _Tensors:
    """The tensors of a file, read one by one."""

    def __init__(self, content: GgufContent, file: BinaryIO) -> None:
        self._places, self._file = content.tensors, file

    def get(self, name: str) -> tuple[int, int, int, bytes] | None:
        """Type, rows, columns and bytes; None where there is none of that name."""
        place = self._places.get(f"{name}.weight")
        if place is None:
            return None
        if place.type not in _VALUES_AND_BYTES:
            raise NotExactError(f"with tensors of type {place.type}, which are not evaluated in integers")
        columns, rows = (*place.dimensions, 1, 1)[:2]
        values, size = _VALUES_AND_BYTES[place.type]
        if math.prod(place.dimensions) != columns * rows or not 1 <= max(rows, columns) < 1 << 31:
            raise NzipModelError(f"tensor {name} has a shape that it must not have")
        whole = columns * rows // values * size
        if place.offset + whole > os.fstat(self._file.fileno()).st_size:
            raise NzipModelError(f"tensor {name} lies beyond the file's end")
        self._file.seek(place.offset)
        return place.type, rows, columns, self._file.read(whole)


def _check(content: GgufContent) -> None:
    architecture = content.word("general.architecture")
    if architecture != _ARCHITECTURE:
        raise NotExactError(f"of architecture {architecture!r}, which is not evaluated in integers")
    scaling = content.word("llama.rope.scaling.type", "none")
    if scaling != "none":
        raise NotExactError(f"with positions scaled by {scaling!r}, which are not evaluated in integers")
    if content.integer("llama.expert_count", 0):
        raise NotExactError("of several experts, which is not evaluated in integers")
    if any(name.endswith(".bias") for name in content.tensors):
        raise NotExactError("with biases, which is not evaluated in integers")


def _turns(content: GgufContent, size: int, tensors: _Tensors) -> list[int]:
    """By pair of a head's channels: of a turn in 2^-64, for each position."""
    base = Fraction(content.number("llama.rope.freq_base", 10000.0))
    if not 1 <= base < 1 << 64:
        raise NzipModelError("its positions turn by a base out of range")
    if content.integer("llama.rope.dimension_count", size) != size:
        raise NotExactError("whose heads turn in part, which is not evaluated in integers")
    factors = _factors(tensors, size // 2)
    turns = []
    for i, factor in enumerate(factors):
        # The root of base^(2 i), rounded down in 2^-128.
        root = _root(math.floor(base ** (2 * i) * (1 << (_ROOT_BITS * size))), size)
        turns.append(math.floor(Fraction(1 << (64 + _ROOT_BITS), root) / (2 * _PI * factor)) % (1 << 64))
    return turns


def _factors(tensors: _Tensors, count: int) -> list[Fraction]:
    """What divides the frequencies, in models of long windows."""
    if (tensor := tensors.get("rope_freqs")) is None:
        return [Fraction(1)] * count
    kind, rows, columns, data = tensor
    if (kind, rows, columns) != (0, 1, count):
        raise NzipModelError("its factors of frequencies have another shape")
    factors = [factor for (factor,) in struct.iter_unpack("<f", data)]
    if not all(1 <= factor < 1 << 20 for factor in factors):
        raise NzipModelError("its factors of frequencies are out of range")
    return [Fraction(factor) for factor in factors]


def _root(value: int, degree: int) -> int:
    """The integer root of that degree, rounded down, by Newton's method from above."""
    root = 1 << -(-value.bit_length() // degree)
    while True:
        following = ((degree - 1) * root + value // root ** (degree - 1)) // degree
        if following >= root:
            return root
        root = following
