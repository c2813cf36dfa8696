"""Compression and decompression of data that are in memory."""

from __future__ import annotations

import io
from contextlib import closing
from typing import TYPE_CHECKING

from nzip.options import DecodingOptions, Options, library_decode_options, library_options
from nzip.pipeline.decompress import plain_blocks
from nzip.pipeline.encoder import Encoder
from nzip.pipeline.resolve import resolve_decoding

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


def decompress(data: Buffer, **options: Unpack[DecodingOptions]) -> bytes:
    """Decompresses one or more concatenated streams.

    ``options`` are those of ``nzip.DecodeOptions``, with one thread unless ``threads`` says otherwise.

    Raises an ``NzipError`` when the data end early, are damaged or are followed by anything else,
    ``NzipMemoryError``, before it allocates, when a block needs more than ``memory_limit`` bytes (default:
    4 GB or half the machine's memory, whichever is less), ``NzipLimitError``, before it decodes, when there
    are more than ``max_output`` bytes (default: any number), and ``NzipTimeError`` when all is announced to
    take longer than ``max_seconds`` on one core, before it decodes that, or does take longer. ``prime`` is
    the file that the data were primed with, where that was one; ``ref`` the one that they were compressed
    against; ``model`` that of the network or language model, where it is not installed.

    >>> import nzip
    >>> nzip.decompress(nzip.compress(b"one ") + nzip.compress(b"two"))
    b'one two'
    """
    decoding = resolve_decoding(library_decode_options(options))
    return b"".join(plain_blocks(io.BytesIO(data), decoding))
