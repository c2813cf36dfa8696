"""What the blocks of a run must have in common."""

from __future__ import annotations

from nzip.errors import NzipFormatError
from nzip.format.block import BlockHeader, Coding
from nzip.format.limits import MAX_RUN


class RunRules:
    """Follows blocks in order; a block that does not continue a run starts one."""

    def __init__(self) -> None:
        self.size = 0  # bytes that the engine codes in the run so far
        self._open: Coding | None = None  # what a continuing block must match

    def follow(self, header: BlockHeader) -> None:
        coding = header.coding
        if coding is None or not coding.continues:
            self.size = 0
        elif self._open is None or not coding.same_run(self._open):
            raise NzipFormatError("a block continues a run that is not there")
        self.size += header.engine_size
        if self.size > MAX_RUN:
            raise NzipFormatError(f"a run of more than {MAX_RUN} bytes")
        self._open = coding if coding is not None and coding.keeps else None
