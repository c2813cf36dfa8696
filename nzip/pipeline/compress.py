"""From one file object to another: compression."""

from __future__ import annotations

from contextlib import closing
from typing import BinaryIO

from nzip.format.metadata import Metadata
from nzip.options import EncodeOptions
from nzip.pipeline.encoder import Encoder
from nzip.pipeline.resolve import Encoding, resolve_encoding
from nzip.progress import Progress, Totals
from nzip.streams import read_some, write_all

READ_SIZE = 1 << 18


def compress_stream(
    src: BinaryIO,
    dst: BinaryIO,
    options: EncodeOptions | Encoding | None = None,
    *,
    metadata: Metadata | None = None,
    size_hint: int | None = None,
    progress: Progress | None = None,
    alone: bool = True,
) -> Totals:
    """Writes all of ``src`` to ``dst`` as one stream. ``size_hint`` serves to plan memory, nothing else.

    Not ``alone``, it takes no more threads than it has blocks.

    >>> import io
    >>> coded = io.BytesIO()
    >>> compress_stream(io.BytesIO(b"nzip" * 100), coded)
    Totals(plain=400, coded=..., blocks=1)
    """
    encoder = Encoder(resolve_encoding(options), metadata, size_hint, progress, alone=alone)
    with closing(encoder):
        while data := read_some(src, READ_SIZE):
            if coded := encoder.write(data):
                write_all(dst, coded)
                encoder.report()
        for coded in encoder.closing():
            write_all(dst, coded)
        encoder.report()
    return encoder.totals
