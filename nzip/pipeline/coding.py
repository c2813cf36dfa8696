"""A run of blocks through a codec, in both directions. A run of one block is the usual case."""

from __future__ import annotations

from collections.abc import Sequence

from nzip.codecs.contract import Block, Candidate, DecodingRun, EncodingRun
from nzip.codecs.table import codec_of
from nzip.errors import NzipChecksumError, NzipError, NzipMemoryError
from nzip.format.block import BlockHeader
from nzip.format.checksum import checksum64, checksum64_of
from nzip.format.limits import MAX_SIZE
from nzip.format.run import RunRules
from nzip.options import EncodeOptions
from nzip.pipeline.choice import Way, choose
from nzip.pipeline.memory import decode_memory
from nzip.pipeline.resolve import Encoding, resolve_encoding
from nzip.progress import Gauge
from nzip.resources.resources import Resources
from nzip.transforms import chain
from nzip.transforms.contract import Data, Plain

Coded = tuple[BlockHeader, Data]


class RunEncoder:
    """Codes blocks in order; where runs are solid, a block continues the run of the last one."""

    def __init__(self, options: EncodeOptions | Encoding, helpers: int = 0) -> None:
        """``helpers`` threads take part of the work; they never change what it makes."""
        self._encoding = resolve_encoding(options)
        self._helpers = helpers
        self._run: EncodingRun | None = None  # that the next block may continue
        self._run_size = 0
        self._verifier = self._new_verifier()

    def encode(self, plain: Plain, gauge: Gauge | None = None) -> Coded:
        """The block's header and payload: coded, or stored where coding does not pay."""
        gauge = gauge or Gauge(plain.size)
        stored = BlockHeader(plain.size, checksum64_of(plain.pieces()), plain.size, None)
        ways = choose(self._encoding, plain, stored.checksum, gauge.stop)
        while coded := self._smallest(ways, gauge):
            # The payload alone being shorter is not enough: a coded block's header is the longer one.
            if _size(coded) >= len(stored.body()) + plain.size:
                break
            if not self._encoding.verifies or self._restores(coded, plain.data, gauge):
                return coded
            candidate, block = ways[-1]
            if candidate.exact is candidate:
                raise NzipError(
                    "a block does not decode to what was coded: a defect of nzip or of the machine"
                )
            # Its floats were not the same twice. What follows the block starts anew.
            self._run = None
            ways = [Way(candidate.exact, block)]
        self._run = None
        return stored, b"".join(plain.pieces()) if plain.tail.size else plain.data

    def _smallest(self, ways: Sequence[Way], gauge: Gauge) -> Coded | None:
        """The block coded in the best of the ways. Only the last one takes time worth showing."""
        best = None
        for candidate, block in ways:
            shown = gauge if candidate is ways[-1].candidate else Gauge(block.size, stop=gauge.stop)
            coded = self._code(block, candidate, shown)
            if coded is not None and (best is None or _size(coded) < _size(best)):
                best = coded
        if best is None or not best[0].keeps:
            self._run = None
        return best

    def _code(self, block: Block, candidate: Candidate, gauge: Gauge) -> Coded | None:
        encoding = self._encoding
        keeps = encoding.solid is not None and candidate is encoding.main
        run, continues = None, False
        if keeps:
            run, self._run = self._run, None
            continues = run is not None and self._run_size + len(block.data) <= (encoding.solid or 0)
        if not continues:
            run = None  # frees the last run's tables before the new ones are allocated
        if run is None:
            run_bytes = encoding.run_bytes(block.size, chain.table_change(block.steps))
            run = candidate.start(run_bytes, gauge, self._helpers)
        made = run.encode(block, gauge, continues=continues, keeps=keeps)
        if made is None:
            return None
        coding, payload = made
        if keeps:
            self._run = run
            self._run_size = len(block.data) + (self._run_size if continues else 0)
        return BlockHeader(block.size, block.checksum, len(payload), coding), payload

    def _new_verifier(self) -> RunDecoder:
        return RunDecoder(self._encoding.resources)

    def _restores(self, coded: Coded, plain: Data, gauge: Gauge) -> bool:
        """Whether that decodes to a block that begins so; for what follows, its checksum is enough."""
        header, payload = coded
        if not header.continues:
            self._verifier = self._new_verifier()
        self._verifier.admit(header, MAX_SIZE)
        try:
            decoded = self._verifier.decode(header, bytes(payload), gauge, self._helpers)
            return decoded[: len(plain)] == plain
        except NzipChecksumError:
            return False


def _size(coded: Coded) -> int:
    header, payload = coded
    return len(header.body()) + len(payload)


def open_run(header: BlockHeader, resources: Resources) -> DecodingRun:
    """The run that a block starts. Raises what names the first thing that is not known or not here."""
    run = codec_of(header).open(header, resources)
    _check(run, header)
    return run


def _check(run: DecodingRun, header: BlockHeader) -> None:
    chain.require_known(header.steps)
    run.check(header)


class RunDecoder:
    """Decodes the blocks of one run, in order."""

    def __init__(self, resources: Resources | None = None) -> None:
        """``resources`` are what the blocks may need, the prime in their own file included."""
        self._resources = resources or Resources()
        self._run: DecodingRun | None = None
        self._rules = RunRules()
        self._is_whole = False  # up to the next block

    @property
    def threads(self) -> int:
        """How many the last block that was admitted keeps at work."""
        return 1 if self._run is None else self._run.threads

    @property
    def size(self) -> int:
        """Bytes that the engine codes in the run, up to the last block that was admitted."""
        return self._rules.size

    def admit(self, header: BlockHeader, memory_limit: int) -> int:
        """The most memory that the next block takes; raises when that, or the block, is not acceptable."""
        if self._run is None or not header.continues:
            self._run = open_run(header, self._resources)
        else:
            codec_of(header)
            _check(self._run, header)
        self._rules.follow(header)
        needed = decode_memory(self._run, header, self._rules.size)
        if needed > memory_limit:
            raise NzipMemoryError(needed, memory_limit)
        return needed

    def decode(
        self, header: BlockHeader, payload: bytes, gauge: Gauge | None = None, helpers: int = 0
    ) -> bytes:
        """The plaintext; its checksum matched. The header must have been admitted.

        ``helpers`` threads take part of the work; they never change what it makes.
        """
        run, is_whole = self._run, self._is_whole
        self._is_whole = False
        if run is None or (header.continues and not is_whole):
            raise NzipChecksumError("a block continues a run of which an earlier block is damaged")
        gauge = gauge or Gauge(header.plain_size)
        try:
            plain = chain.restore(run.decode(header, payload, gauge, helpers), header.steps, gauge.stop)
        except ValueError as error:
            raise NzipChecksumError(f"a block is damaged: {error}") from None
        if checksum64(plain) != header.checksum:
            self._run = None
            raise NzipChecksumError("a block is damaged: its checksum does not match")
        self._is_whole = header.keeps
        return plain
