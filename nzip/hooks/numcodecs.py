"""The codec "nzip" of numcodecs, for Zarr's format 2 and whatever else compresses buffers."""

from __future__ import annotations

from typing import Any

from numcodecs.abc import Codec
from numcodecs.compat import ensure_bytes, ensure_contiguous_ndarray, ndarray_copy

from nzip.levels import DEFAULT_LEVEL
from nzip.oneshot import compress, decompress


class Nzip(Codec):
    """Compresses each buffer by itself, with one thread.

    ``model`` and ``prime`` are those of ``nzip.compress``; ``model`` must be a string. Arrays of numbers gain
    next to nothing by the network, and levels up to 4 do without it.

    >>> import numpy
    >>> codec = Nzip(level=3)
    >>> packed = codec.encode(numpy.arange(1000, dtype="i4"))
    >>> bool(numpy.frombuffer(codec.decode(packed), "i4").max() == 999)
    True
    """

    codec_id = "nzip"

    def __init__(
        self, level: int = DEFAULT_LEVEL, model: str | None = None, prime: str | None = None
    ) -> None:
        self.level = level
        self.model = model
        self.prime = prime

    def encode(self, buf: Any) -> bytes:
        """The compressed bytes of an array or a buffer."""
        return compress(ensure_contiguous_ndarray(buf), self.level, model=self.model, prime=self.prime)

    def decode(self, buf: Any, out: Any = None) -> Any:
        """The plaintext, in ``out`` if given; an ``NzipError`` for what is damaged, or larger than that."""
        most = None if out is None else ensure_contiguous_ndarray(out).nbytes
        return ndarray_copy(decompress(ensure_bytes(buf), max_output=most), out)
