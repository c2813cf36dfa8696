"""Compression and decompression of data that come in pieces, as ``bz2`` and ``compression.zstd`` offer it."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, NoReturn

from nzip.options import DecodingOptions, Options, library_decode_options, library_options
from nzip.pipeline.decoder import Decoder
from nzip.pipeline.encoder import Encoder
from nzip.pipeline.resolve import resolve_decoding, resolve_encoding

if TYPE_CHECKING:
    from typing_extensions import Buffer, Unpack

CONTINUE = 0
FLUSH_BLOCK = 1
FLUSH_FRAME = 2


class _Locked:
    """One call at a time, as with the standard library's classes; no copies."""

    def __init__(self) -> None:
        self._lock = Lock()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle {type(self).__name__!r} object")


class NzipCompressor(_Locked):
    """Compresses data that come in pieces; the bytes do not depend on the pieces.

    Options are those of ``nzip.compress``. A frame is one stream; data after its end begin another.

    >>> import nzip
    >>> compressor = nzip.NzipCompressor(level=1)
    >>> coded = compressor.compress(b"first ") + compressor.compress(b"second") + compressor.flush()
    >>> nzip.decompress(coded)
    b'first second'
    """

    CONTINUE = CONTINUE
    FLUSH_BLOCK = FLUSH_BLOCK
    FLUSH_FRAME = FLUSH_FRAME

    def __init__(self, level: int | None = None, **options: Unpack[Options]) -> None:
        super().__init__()
        self._encoding = resolve_encoding(library_options(level, options))
        self._encoder = Encoder(self._encoding)
        self._last_mode = FLUSH_FRAME

    @property
    def last_mode(self) -> int:
        """The mode of the last call; FLUSH_FRAME before the first."""
        return self._last_mode

    def compress(self, data: Buffer, mode: int = CONTINUE) -> bytes:
        """Takes data and returns what is ready to be written, often nothing.

        With FLUSH_BLOCK all data so far can be decoded from the bytes so far; that ends the block and costs
        compression. With FLUSH_FRAME the stream is complete as well.
        """
        if mode not in (CONTINUE, FLUSH_BLOCK, FLUSH_FRAME):
            raise ValueError("mode must be CONTINUE, FLUSH_BLOCK or FLUSH_FRAME")
        with self._lock:
            self._last_mode = mode
            coded = self._encoder.write(data)
            if mode == FLUSH_BLOCK:
                coded += self._encoder.flush_block()
            elif mode == FLUSH_FRAME:
                coded += self._encoder.finish()
                self._encoder = Encoder(self._encoding)
            return coded

    def flush(self, mode: int = FLUSH_FRAME) -> bytes:
        """Returns what is still held; see ``compress`` for the modes. A frame without data is valid too."""
        if mode not in (FLUSH_BLOCK, FLUSH_FRAME):
            raise ValueError("mode must be FLUSH_BLOCK or FLUSH_FRAME")
        return self.compress(b"", mode)

    def _get_ready(self) -> None:
        self._encoder.get_ready()

    def _keep(self) -> None:
        self._encoder.keep()


class NzipDecompressor(_Locked):
    """Decompresses one stream that comes in pieces; options are those of ``nzip.decompress``.

    It works on one thread whatever ``threads`` says.

    >>> import nzip
    >>> decompressor = nzip.NzipDecompressor()
    >>> decompressor.decompress(nzip.compress(b"some text") + b"rest", max_length=4)
    b'some'
    >>> decompressor.decompress(b"")
    b' text'
    >>> decompressor.eof, decompressor.unused_data
    (True, b'rest')
    """

    def __init__(self, **options: Unpack[DecodingOptions]) -> None:
        super().__init__()
        self._decoder = Decoder(resolve_decoding(library_decode_options({**options, "threads": 1})))
        self._plain = memoryview(b"")  # decoded and not returned yet
        self._needs_input = True
        self._eof = False

    @property
    def eof(self) -> bool:
        """Whether the stream's end was reached and all its data were returned."""
        return self._eof

    @property
    def needs_input(self) -> bool:
        """False when ``decompress(b"")`` can return data or is at the end."""
        return self._needs_input

    @property
    def unused_data(self) -> bytes:
        """What was found behind the stream's end; empty before that."""
        return bytes(self._decoder.buffer) if self._eof else b""

    def decompress(self, data: Buffer, max_length: int = -1) -> bytes:
        """Takes more of the stream and returns plaintext: at most ``max_length`` bytes of it unless negative.

        Raises EOFError after the end of the stream.
        """
        with self._lock:
            if self._eof:
                raise EOFError("the stream has ended")
            self._decoder.feed(data)
            out: list[memoryview] = []
            room = max_length
            while room != 0:
                if not self._plain:
                    try:
                        plain = self._decoder.next_block()
                    except BaseException:  # the next call returns what came before it
                        self._plain = memoryview(b"".join(out))
                        raise
                    if plain is None:
                        break
                    self._plain = memoryview(plain)
                piece = self._plain if room < 0 else self._plain[:room]
                self._plain = self._plain[len(piece) :]
                room -= len(piece) if room > 0 else 0
                out.append(piece)
            self._eof = not self._plain and self._decoder.at_end()
            self._needs_input = not self._eof and room != 0
            return b"".join(out)
