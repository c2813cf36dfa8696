"""``NzipFile`` and ``open``: compressed files that are used like any other."""

from __future__ import annotations

import atexit
import builtins
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, cast, overload
from weakref import WeakSet

from nzip.incremental import FLUSH_BLOCK, FLUSH_FRAME, NzipCompressor
from nzip.locks import is_waited_for
from nzip.options import LIMITS, DecodingOptions, FileOptions, Options, library_decode_options
from nzip.pipeline.resolve import resolve_decoding
from nzip.reader import PlainReader
from nzip.streams import write_all
from nzip.tasks import do_elsewhere

if TYPE_CHECKING:
    from typing_extensions import Buffer, Unpack

_writers: WeakSet[NzipFile] = WeakSet()


@atexit.register
def _get_ready() -> None:
    """A file that is left open is closed when Python drops it, which may be late in its end."""
    for file in list(_writers):
        file._get_ready()


PathOrFile = str | bytes | os.PathLike[str] | os.PathLike[bytes] | IO[bytes]


class NzipFile(io.BufferedIOBase):
    """A compressed file, open for reading or for writing plaintext bytes.

    >>> import io, nzip
    >>> stored = io.BytesIO()
    >>> with nzip.NzipFile(stored, "w") as file:
    ...     file.write(b"first line\\nsecond line\\n")
    23
    >>> with nzip.NzipFile(io.BytesIO(stored.getvalue())) as file:
    ...     list(file)
    [b'first line\\n', b'second line\\n']
    """

    FLUSH_BLOCK = FLUSH_BLOCK
    FLUSH_FRAME = FLUSH_FRAME

    _file: BinaryIO | None = None  # until the constructor is through; again when the file is closed

    def __init__(
        self,
        filename: PathOrFile,
        mode: str = "r",
        *,
        level: int | None = None,
        **options: Unpack[FileOptions],
    ) -> None:
        """Opens a file by name, or one that is open already; closing leaves the latter open.

        ``mode`` is "r", "w", "x" or "a", with or without "b"; "a" adds a stream. ``level`` and the
        options of ``nzip.EncodeOptions`` are for writing; ``threads``, ``memory_limit``, ``prime``,
        ``ref``, ``model`` and ``device`` are for reading, too. ``max_output`` and ``max_seconds`` are for
        reading only: NzipLimitError is raised before a block is decoded with which there are more bytes, or
        all takes longer.
        """
        kind = mode.replace("b", "", 1)
        if kind not in ("r", "w", "x", "a"):
            raise ValueError(f"mode is {mode!r}")
        if kind == "r" and (
            level is not None or not DecodingOptions.__annotations__.keys() >= options.keys()
        ):
            raise ValueError("level and options are for writing only")
        limits = {name: options.pop(name, None) for name in LIMITS}
        if kind != "r" and set(limits.values()) != {None}:
            raise ValueError(f"{' and '.join(LIMITS)} are for reading only")
        self._reader: io.BufferedReader | None = None
        self._compressor = None if kind == "r" else NzipCompressor(level, **cast(Options, options))
        self._position = 0  # of the plaintext written
        self._frame_open = True  # an empty file is no stream, so closing must write one
        self._coded = b""  # what the file did not take yet
        self._is_broken = False
        self._owns_file = isinstance(filename, (str, bytes, os.PathLike))
        if isinstance(filename, (str, bytes, os.PathLike)):
            self._file = cast(BinaryIO, builtins.open(filename, kind + "b"))  # noqa: SIM115 - closed by close()
        elif hasattr(filename, "read") or hasattr(filename, "write"):
            self._file = cast(BinaryIO, filename)
        else:
            raise TypeError("filename must be a str, bytes, PathLike or file object")
        if kind == "r":
            reading = cast(DecodingOptions, {**options, **limits})
            decoding = resolve_decoding(library_decode_options(reading))
            self._reader = io.BufferedReader(PlainReader(self._file, decoding))
        else:
            _writers.add(self)

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._file is None

    @property
    def name(self) -> Any:
        """The name of the compressed file."""
        return self._underlying().name

    @property
    def mode(self) -> str:
        """ "rb" or "wb"."""
        return "rb" if self._compressor is None else "wb"

    def close(self) -> None:
        """Ends the stream when writing; closes the compressed file if it was opened here.

        Where the garbage collector closes it while others wait for its thread, another thread does that.
        """
        if self._file is not None and self._compressor is not None and is_waited_for():
            if self._owns_file:  # the collector closes what belongs to the garbage next
                self._file.flush()
                self._file = os.fdopen(os.dup(self._file.fileno()), "wb")
            self._compressor._keep()
            do_elsewhere(self._close)
        else:
            self._close()

    def _close(self) -> None:
        if self._file is None:
            return
        try:
            if self._compressor is not None and not self._is_broken:
                if self._frame_open:
                    self.flush(FLUSH_FRAME)
                else:
                    self._send(b"")
            if self._reader is not None:
                self._reader.close()
        finally:
            file, self._file = self._file, None
            if self._owns_file:
                file.close()

    def fileno(self) -> int:
        """The descriptor of the compressed file."""
        return self._underlying().fileno()

    def readable(self) -> bool:
        """Whether the file was opened for reading."""
        self._underlying()
        return self._reader is not None

    def writable(self) -> bool:
        """Whether the file was opened for writing."""
        self._underlying()
        return self._compressor is not None

    def seekable(self) -> bool:
        """Whether ``seek`` works: when reading from a file in which one can seek."""
        return self.readable() and self._plain().seekable()

    def read(self, size: int | None = -1) -> bytes:
        """Up to ``size`` bytes, all that follow if negative; b"" at the end."""
        return self._plain().read(size)

    def read1(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes that are at hand; b"" at the end only."""
        return self._plain().read1(size)

    def readinto(self, buffer: Buffer) -> int:
        """Fills the buffer as far as there are data; returns the number of bytes."""
        return self._plain().readinto(buffer)

    def readinto1(self, buffer: Buffer) -> int:
        """Like ``readinto``, with what is at hand."""
        return self._plain().readinto1(buffer)

    def readline(self, size: int | None = -1) -> bytes:
        """The next line with its end, cut after ``size`` bytes unless negative; b"" at the end."""
        return self._plain().readline(size)

    def __next__(self) -> bytes:
        if line := self._plain().readline():
            return line
        raise StopIteration

    def peek(self, size: int = 0) -> bytes:
        """Bytes that the next ``read`` will return, as many as are at hand; b"" at the end only."""
        return self._plain().peek(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a position of the plaintext; returns it.

        Only the block (in a solid run: the run up to the block) that holds the position is decoded.
        Positions behind the end mean the end.
        """
        return self._plain().seek(offset, whence)

    def tell(self) -> int:
        """The position in the plaintext."""
        self._underlying()
        return self._position if self._reader is None else self._reader.tell()

    def write(self, data: Buffer) -> int:
        """Takes all the data; what is on disk may lag behind until ``flush`` or ``close``.

        Where the file below is non-blocking and takes no more now, raises BlockingIOError, which says how
        many of the bytes were taken: all, or none if there was still something to write from before.
        """
        _, compressor = self._underlying(), self._compressor
        if compressor is None:
            raise io.UnsupportedOperation("the file is not open for writing")
        size = memoryview(data).nbytes
        self._send(b"")
        self._frame_open = True
        with self._breaking():
            coded = compressor.compress(data)
        self._position += size
        try:
            self._send(coded)
        except BlockingIOError as error:
            error.characters_written = size
            raise
        return size

    def flush(self, mode: int = FLUSH_BLOCK) -> None:
        """Writes all the data that are held; with FLUSH_FRAME ends the stream, too.

        A flush ends a block and so costs compression. Nothing happens when reading. BlockingIOError where
        the file below takes no more now; another flush goes on.
        """
        file, compressor = self._underlying(), self._compressor
        if compressor is None:
            return
        coded = b""
        if self._frame_open or not self._coded:  # else the last flush goes on
            with self._breaking():
                coded = compressor.flush(mode)
            self._frame_open = mode != FLUSH_FRAME
        self._send(coded)
        if hasattr(file, "flush"):
            file.flush()

    def _send(self, coded: bytes) -> None:
        """Writes what was left, and this."""
        if self._is_broken:
            raise OSError("an earlier error broke off the writing")
        self._coded += coded
        try:
            write_all(self._underlying(), self._coded)
            self._coded = b""
        except BlockingIOError as error:
            self._coded = self._coded[error.characters_written :]
            error.characters_written = 0
            raise
        except BaseException:
            self._is_broken = True  # nobody knows how much was written
            raise

    @contextmanager
    def _breaking(self) -> Iterator[None]:
        """After an error nobody knows what was taken: the stream must not be ended as if it were whole."""
        try:
            yield
        except Exception:
            self._is_broken = True
            raise

    def _get_ready(self) -> None:
        if self._file is not None and self._compressor is not None:
            self._compressor._get_ready()

    def _underlying(self) -> BinaryIO:
        if self._file is None:
            raise ValueError("I/O operation on closed file")
        return self._file

    def _plain(self) -> io.BufferedReader:
        self._underlying()
        if self._reader is None:
            raise io.UnsupportedOperation("the file is not open for reading")
        return self._reader


@overload
def open(
    filename: PathOrFile,
    mode: Literal["r", "rb", "w", "wb", "x", "xb", "a", "ab"] = "rb",
    *,
    level: int | None = None,
    **options: Unpack[FileOptions],
) -> NzipFile: ...


@overload
def open(
    filename: PathOrFile,
    mode: Literal["rt", "wt", "xt", "at"],
    *,
    level: int | None = None,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    **options: Unpack[FileOptions],
) -> io.TextIOWrapper: ...


@overload
def open(
    filename: PathOrFile,
    mode: str,
    *,
    level: int | None = None,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    **options: Unpack[FileOptions],
) -> NzipFile | io.TextIOWrapper: ...


def open(
    filename: PathOrFile,
    mode: str = "rb",
    *,
    level: int | None = None,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    **options: Unpack[FileOptions],
) -> NzipFile | io.TextIOWrapper:
    """Opens a compressed file: for bytes like ``NzipFile``, or for text with a "t" in ``mode``.

    >>> import nzip, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "greeting.nz")
    >>> with nzip.open(path, "wt", encoding="utf-8") as file:
    ...     file.write("Grüße\\n")
    6
    >>> with nzip.open(path, "rt", encoding="utf-8") as file:
    ...     file.read()
    'Grüße\\n'
    """
    is_text = "t" in mode
    if is_text and "b" in mode:
        raise ValueError(f"mode is {mode!r}")
    if not is_text and (encoding, errors, newline) != (None, None, None):
        raise ValueError("encoding, errors and newline are for text modes only")
    file = NzipFile(filename, mode.replace("t", "", 1), level=level, **options)
    if not is_text:
        return file
    return io.TextIOWrapper(cast(BinaryIO, file), encoding, errors, newline)
