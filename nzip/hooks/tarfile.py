"""Tar archives inside a compressed file: .tar.nz."""

from __future__ import annotations

import tarfile
from typing import IO, Any, TypeVar

from nzip.errors import NzipFormatError, NzipTruncatedError
from nzip.file import NzipFile
from nzip.options import FileOptions

SKIPPED = 1 << 18  # bytes read at a time where nothing but reading leads forward

Archive = TypeVar("Archive", bound="TarFile")


class TarFile(tarfile.TarFile):
    """Like ``tarfile.TarFile``, with the modes "r:nz", "w:nz" and "x:nz", and "r|nz" and "w|nz" for pipes.

    With these, ``open`` takes ``level`` and the other options of ``nzip.open``, too. "r" and "r:*" find out
    what an archive is. To get at one member, only the blocks that hold it are decoded.

    >>> import io
    >>> stored = io.BytesIO()
    >>> with TarFile.open(mode="w:nz", fileobj=stored, level=1) as archive:
    ...     archive.addfile(tarfile.TarInfo("empty"))
    >>> with TarFile.open(fileobj=io.BytesIO(stored.getvalue())) as archive:
    ...     archive.getnames()
    ['empty']
    """

    OPEN_METH = {**tarfile.TarFile.OPEN_METH, "nz": "nzopen"}  # noqa: RUF012 - as the base class has it

    @classmethod
    def open(  # type: ignore[override]  # the base class's overloads name all modes
        cls: type[Archive],
        name: Any = None,
        mode: str = "r",
        fileobj: IO[bytes] | None = None,
        bufsize: int = tarfile.RECORDSIZE,
        **kwargs: Any,
    ) -> Archive:
        """Opens an archive by name or from a file object; see ``tarfile.open``."""
        if mode == "r|nz":
            return cls.nzopen(name, "r", fileobj, file_class=_Forward, **kwargs)
        open_any: Any = super().open
        archive: Archive = open_any(name, mode.replace("|nz", ":nz"), fileobj, bufsize, **kwargs)
        return archive

    @classmethod
    def nzopen(
        cls: type[Archive],
        name: Any,
        mode: str = "r",
        fileobj: IO[bytes] | None = None,
        file_class: type[NzipFile] = NzipFile,
        **kwargs: Any,
    ) -> Archive:
        """Opens a compressed archive; ``mode`` is "r", "w" or "x". ReadError for what is no nzip file."""
        if mode not in ("r", "w", "x"):
            raise ValueError("mode must be 'r', 'w' or 'x'")
        options = {key: kwargs.pop(key) for key in ("level", *FileOptions.__annotations__) if key in kwargs}
        file = file_class(fileobj or name, mode, **options)
        try:
            archive = cls.taropen(name, mode, file, **kwargs)  # type: ignore[arg-type]
        except BaseException as error:
            file.close()
            if isinstance(error, (NzipFormatError, NzipTruncatedError)):
                raise tarfile.ReadError(str(error)) from error
            raise
        archive._extfileobj = False  # type: ignore[attr-defined]  # so that closing the archive closes the file
        return archive


class _Forward(NzipFile):
    """Of a pipe: what lies ahead is reached by reading."""

    def seek(self, offset: int, whence: int = 0) -> int:
        while (ahead := offset - self.tell()) > 0 and self.read(min(ahead, SKIPPED)):
            pass
        if ahead < 0:
            raise tarfile.StreamError("seeking backwards is not allowed")
        return self.tell()
