"""What still can be done about a damaged file: the errors that tell of it say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nzip.archive import Archive
from nzip.cli.console import Console
from nzip.cli.source import Source
from nzip.pipeline import Decoding
from nzip.pipeline.table import DAMAGE


@contextmanager
def repairable(source: Source) -> Iterator[None]:
    """The error for a damaged source says if nzip repair can help."""
    try:
        yield
    except DAMAGE as error:
        from nzip.pipeline.repair import has_recovery

        if not source.is_file or not has_recovery(source.file):
            raise
        raise type(error)(f"{error}; nzip repair may restore it") from None


def tell_if_repairable(console: Console, source: Source) -> None:
    """After members of an archive were damaged: whether nzip repair can help."""
    from nzip.pipeline.repair import has_recovery

    if source.is_file and has_recovery(source.file):
        console.line(source.name, "nzip repair may restore what is damaged")


def open_archive(source: Source, decoding: Decoding) -> Archive:
    """An archive; the error for a damaged one says which command can help."""
    try:
        with repairable(source):
            return Archive(source.file, decoding)
    except DAMAGE as error:
        from nzip.archive.damaged import is_salvageable

        if not is_salvageable(source.file, error):
            raise
        raise type(error)(f"{error}; nzip archive salvage restores what is intact") from None
