"""Every intact block of a damaged file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from nzip.errors import NzipChecksumError, NzipError, NzipFormatError, NzipLimitError, check_output
from nzip.format.block import BlockHeader
from nzip.format.damaged import DamagedReader, Structure
from nzip.format.end import End
from nzip.format.header import StreamHeader
from nzip.format.record import END_ONE, Record
from nzip.format.registry import RecordType
from nzip.options import DecodeOptions
from nzip.pipeline.allowance import Allowance
from nzip.pipeline.coding import RunDecoder
from nzip.pipeline.own_primes import read_own_prime
from nzip.pipeline.resolve import Decoding, resolve_decoding
from nzip.progress import Gauge, Progress
from nzip.streams import write_all
from nzip.tasks import run_task

# Where bytes are missing, the next block begins before the place where its predecessor's header puts it. In a
# hostile file every header may claim all that follows, so the bytes that are decoded in vain more than once
# stay in proportion to the file's.
BYTES_IN_VAIN = 4  # for each byte of the file before the position
SPARE_BYTES = 1 << 30  # the largest block


@dataclass(frozen=True)
class LostRange:
    """What could not be restored. Without a size in the file, something that should be there is missing."""

    coded_start: int  # in the file
    coded_end: int
    plain_start: int | None  # in the original; None: not known
    plain_size: int | None
    reason: str | None = None  # why what is intact was not restored; None: it is damaged


@dataclass
class SalvageReport:
    """What was restored, and what was not."""

    recovered: int = 0  # bytes of plaintext
    blocks: int = 0
    lost: list[LostRange] = field(default_factory=list)


def salvage_stream(
    src: BinaryIO,
    dst: BinaryIO,
    options: DecodeOptions | Decoding | None = None,
    *,
    progress: Progress | None = None,
) -> SalvageReport:
    """Writes the plaintext of all blocks that are intact, in order and without gaps, to ``dst``.

    A block that continues a run is intact only when all earlier blocks of the run are. Structures are found
    by their checks, so the content of a stored block that was an nzip file itself may be taken for blocks
    when the header of the stored block is damaged. Blocks that need more memory than the limit, or something
    that this version does not know, are lost as well; the error is raised only when nothing else is there.
    The time is in proportion to the file's size even when the file is made of headers that claim one
    another's bytes; of such a file not every claim is followed.
    """
    return _Salvage(DamagedReader(src), dst, resolve_decoding(options), progress).run()


class _Salvage:
    """Goes through the file once. A position in the original is None after a loss of unknown size."""

    def __init__(
        self,
        src: DamagedReader,
        dst: BinaryIO,
        decoding: Decoding,
        progress: Progress | None,
    ) -> None:
        self._src = src
        self._dst = dst
        self._decoding = decoding
        self._progress = progress
        self._allowance = Allowance(None, decoding.max_seconds)  # what is lost takes time, too
        self._report = SalvageReport()
        self._run = self._new_run()
        self._in_stream = False
        self._stream_start: int | None = 0  # in the original
        self._plain: int | None = 0  # position in the original
        self._gap_start: int | None = None  # since where nothing was recognized
        self._refusal: NzipError | None = None  # the first of something intact
        self._gap_reason: str | None = None
        self._tried_end = 0  # behind the payloads that did not decode
        self._in_vain = 0  # bytes of payloads that did not decode, counted from the second time on

    def run(self) -> SalvageReport:
        while not self._src.at_end():
            found = self._src.structure()
            # Two bytes without a check mean the end only where an end may be.
            if found is None or (self._gap_start is not None and found[1] == len(END_ONE)):
                if self._gap_start is None:
                    self._gap_start = self._src.position
                if self._src.unknown is not None:
                    self._gap_reason = self._refuse(self._src.unknown)
                self._src.skip_to_candidate()
            else:
                self._close_gap()
                self._use(*found)
        self._close_gap()
        if self._in_stream or self._src.position == 0:
            self._lose(self._src.position, None)  # there was more
        if self._report.blocks == 0 and self._refusal is not None:
            raise self._refusal
        return self._report

    def _use(self, structure: Structure, size: int) -> None:
        start = self._src.position
        self._src.skip(size)
        if isinstance(structure, BlockHeader):
            self._in_stream = True
            self._block(structure, start)
        elif isinstance(structure, StreamHeader):
            self._in_stream = True
            self._stream_start = self._plain
        elif isinstance(structure, End):
            self._in_stream = False
            self._end(structure)
        elif structure.type == RecordType.END_ONE:
            self._in_stream = False
        elif structure.type == RecordType.PRIME:
            self._prime(structure)

    def _prime(self, record: Record) -> None:
        """The blocks that start from it tell if it cannot be used."""
        try:
            own = read_own_prime(record.body, self._decoding.memory_limit).prime
        except NzipError:
            return
        self._allowance.take_seconds(own.seconds)
        self._decoding = self._decoding.for_file(own)

    def _end(self, end: End) -> None:
        """Whatever was lost, now it is known where the original of this stream ends."""
        if self._stream_start is None:
            return
        plain = self._stream_start + end.plain_size
        if self._plain is not None and self._plain < plain:
            self._lose(self._src.position, plain - self._plain)
        self._plain = plain

    def _block(self, header: BlockHeader, start: int) -> None:
        if not header.continues:
            self._run = self._new_run()
        reason = None
        plain = None
        try:
            self._run.admit(header, self._decoding.memory_limit)
            check_output(self._report.recovered + header.plain_size, self._decoding.max_output)
            self._allowance.take_block(header, self._run.size)
            plain = self._decode(header)
        except NzipFormatError:
            pass  # it continues a run that was lost
        except NzipLimitError:
            raise
        except NzipError as error:
            reason = self._refuse(error)
        if plain is not None:
            self._src.skip(header.coded_size)
            write_all(self._dst, plain)
            self._report.recovered += len(plain)
            self._report.blocks += 1
            self._advance(len(plain))
            if self._progress is not None:
                self._progress(self._report.recovered, self._src.position)
        elif header.coded_size <= self._decoding.memory_limit and self._src.follows(header.coded_size):
            self._src.skip(header.coded_size)
            self._lose(start, header.plain_size, reason)
        else:
            # Bytes are missing or were added, so the next block is not where the header says; or there are
            # too many to look behind them.
            self._gap_start = start
            self._gap_reason = reason

    def _refuse(self, error: NzipError) -> str:
        self._refusal = self._refusal or error
        return str(error)

    def _decode(self, header: BlockHeader) -> bytes | None:
        start, end = self._src.position, self._src.position + header.coded_size
        again = max(0, min(end, self._tried_end) - start)
        if self._in_vain + again > SPARE_BYTES + BYTES_IN_VAIN * start:
            return None
        payload = self._src.payload(header.coded_size)
        if payload is None:
            return None
        try:
            gauge = Gauge(header.plain_size)
            with self._allowance.waiting() as poll:
                return run_task(partial(self._run.decode, header, payload, gauge), gauge, poll)
        except NzipChecksumError:
            self._in_vain += again
            self._tried_end = max(self._tried_end, end)
            return None

    def _new_run(self) -> RunDecoder:
        return RunDecoder(self._decoding.resources)

    def _close_gap(self) -> None:
        if self._gap_start is not None:
            start, self._gap_start = self._gap_start, None
            reason, self._gap_reason = self._gap_reason, None
            self._lose(start, None, reason)

    def _lose(self, start: int, plain_size: int | None, reason: str | None = None) -> None:
        """All from ``start`` to the position."""
        self._report.lost.append(LostRange(start, self._src.position, self._plain, plain_size, reason))
        self._run = self._new_run()  # a run does not survive a loss
        self._advance(plain_size)

    def _advance(self, plain_size: int | None) -> None:
        self._plain = None if self._plain is None or plain_size is None else self._plain + plain_size
