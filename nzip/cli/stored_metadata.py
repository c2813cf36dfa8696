"""What an archive says of the file it came from."""

from __future__ import annotations

from nzip.cli.source import Source
from nzip.errors import NzipError
from nzip.format.block import BlockHeader
from nzip.format.metadata import Metadata
from nzip.format.reader import StreamReader

_PIECE = 1 << 12


def stored_metadata(source: Source) -> Metadata:
    """The metadata of the first stream of a file; empty for pipes and where damage hides it."""
    if not source.is_file:
        return Metadata()
    reader = StreamReader()
    source.file.seek(0)
    try:
        while not reader.eof and (piece := source.file.read(_PIECE)):
            reader.feed(piece)
            while (event := reader.next_event()) is not None:
                if isinstance(event, Metadata):
                    return event
                if isinstance(event, BlockHeader):
                    return Metadata()
    except NzipError:
        pass  # the decoder meets the same damage, and tells of it
    finally:
        source.file.seek(0)
    return Metadata()
