"""From one file object to another: decompression."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from functools import partial
from typing import BinaryIO

from nzip.errors import EMPTY, NzipTruncatedError
from nzip.options import DecodeOptions
from nzip.pipeline.decoder import Decoder
from nzip.pipeline.resolve import Decoding, resolve_decoding
from nzip.progress import Progress, Reporter, Totals
from nzip.streams import Source, read_some, write_all

READ_SIZE = 1 << 18


def decompress_stream(
    src: Source,
    dst: BinaryIO | None,
    options: DecodeOptions | Decoding | None = None,
    *,
    progress: Progress | None = None,
) -> Totals:
    """Writes the plaintext of all streams in ``src`` to ``dst``; without one, only tests them.

    >>> import io, nzip
    >>> decompress_stream(io.BytesIO(nzip.compress(b"nzip" * 100)), None)
    Totals(plain=400, coded=..., blocks=1)
    """
    source = CountingReader(src)
    totals = Totals()
    reporter = Reporter(progress)

    def report(decoder: Decoder) -> None:
        reporter(totals.plain + decoder.plain_in_flight, source.count - decoder.coded_left)

    poll = None if progress is None else report
    for plain in plain_blocks(source, resolve_decoding(options), poll):
        if dst is not None:
            write_all(dst, plain)
        totals.plain += len(plain)
        totals.blocks += 1
        del plain  # or it stays while the next block is decoded
    totals.coded = source.count
    reporter(totals.plain, totals.coded)
    return totals


class CountingReader:
    """Counts what is read from a file."""

    def __init__(self, file: Source) -> None:
        self._file = file
        self.count = 0

    def read(self, size: int, /) -> bytes:
        data = read_some(self._file, size)
        self.count += len(data)
        return data


def plain_blocks(
    src: Source, decoding: Decoding, poll: Callable[[Decoder], None] | None = None
) -> Generator[bytes, None, None]:
    """The plaintext of all streams in ``src``, block by block.

    ``poll`` is called after each block, and now and then while one is waited for.
    """
    decoder = Decoder(decoding)
    tick = None if poll is None else partial(poll, decoder)
    with closing(decoder):
        more = _feed(decoder, src)
        if not more:
            raise NzipTruncatedError(EMPTY)
        while True:
            if (plain := decoder.next_block(more=more, poll=tick)) is not None:
                yield plain
                plain = None  # or it stays while the next block is decoded
                if tick is not None:
                    tick()
            elif not decoder.eof:
                if not more:
                    raise NzipTruncatedError("the data end before the stream does")
                more = _feed(decoder, src)
            elif decoder.buffer or _feed(decoder, src):
                decoder.restart()
            else:
                return


def _feed(decoder: Decoder, src: Source) -> bool:
    data = read_some(src, READ_SIZE)
    decoder.feed(data)
    return bool(data)
