"""Compression and decompression of data that are in memory."""

from __future__ import annotations

import io
from contextlib import closing
from typing import TYPE_CHECKING

from nzip.options import Options, library_options
from nzip.pipeline.decompress import plain_blocks
from nzip.pipeline.encoder import Encoder
from nzip.resources.devices import CPU
from nzip.resources.primes import PrimeName, choose_prime
from nzip.resources.references import RefName, add_reference

if TYPE_CHECKING:
    from typing_extensions import Buffer, Unpack


def compress(data: Buffer, level: int | None = None, **options: Unpack[Options]) -> bytes:
    """Compresses ``data`` into one stream. ``level`` is 1 (fast) to 9 (small), 6 by default.

    ``options`` are those of ``nzip.EncodeOptions``, with one thread unless ``threads`` says otherwise. The
    network is the level's unless ``model`` names another: "none", "default", a name, an id or a path.

    >>> import nzip
    >>> len(nzip.compress(b"to be or not to be " * 1000)) < 200
    True
    """
    size = memoryview(data).nbytes
    with closing(Encoder(library_options(level, options), size_hint=size)) as encoder:
        return encoder.write(data) + encoder.finish()


def decompress(
    data: Buffer,
    *,
    memory_limit: int | None = None,
    max_output: int | None = None,
    threads: int = 1,
    prime: PrimeName | None = None,
    ref: RefName | None = None,
    device: str = CPU,
) -> bytes:
    """Decompresses one or more concatenated streams.

    Raises an ``NzipError`` when the data end early, are damaged or are followed by anything else,
    ``NzipMemoryError``, before it allocates, when a block needs more than ``memory_limit`` bytes (default:
    4 GB or half the machine's memory, whichever is less), and ``NzipLimitError``, before it decodes, when
    there are more than ``max_output`` bytes (default: any number). ``prime`` is the file that the data were
    primed with, where that was one; ``ref`` the one that they were compressed against. ``device`` is where
    networks are evaluated, as in ``nzip.EncodeOptions``.

    >>> import nzip
    >>> nzip.decompress(nzip.compress(b"one ") + nzip.compress(b"two"))
    b'one two'
    """
    if prime is not None:
        choose_prime(prime)
    if ref is not None:
        add_reference(ref, memory_limit)
    blocks = plain_blocks(
        io.BytesIO(data),
        threads=threads,
        memory_limit=memory_limit,
        max_output=max_output,
        device=device,
    )
    return b"".join(blocks)
