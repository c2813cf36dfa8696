"""A run of blocks through the engine, in both directions. A run of one block is the usual case."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nzip import _native
from nzip.codecs.components import Components, decoder_components
from nzip.codecs.segments import find_segments
from nzip.errors import NzipChecksumError, NzipError, NzipMemoryError
from nzip.format.block import BlockHeader, Coding, Segment, Step
from nzip.format.checksum import checksum64, checksum64_of
from nzip.format.registry import SegmentKind
from nzip.format.run import RunRules
from nzip.options import EncodeOptions
from nzip.pipeline.memory import decode_memory
from nzip.pipeline.support import require_supported
from nzip.progress import Gauge
from nzip.resources.devices import Devices
from nzip.resources.primes import Prime
from nzip.transforms.chain import restore, transform, untransformed
from nzip.transforms.contract import Plain
from nzip.transforms.repeats import left_out

# Where native/experts/token/text.hpp looks for text, and what it believes to be some, if that is ASCII.
_MAY_HAVE_TEXT = {SegmentKind.BINARY, SegmentKind.RECORDS, SegmentKind.EXECUTABLE}
_TEXT = re.compile(rb"[\t-\r\x1b -~]{64}")

_LEAST_MORE = 256  # bytes that a text may become more than it is


@dataclass(frozen=True)
class _Block:
    """A block as the engine sees it."""

    size: int  # of the plaintext
    checksum: int
    text: bytes | bytearray  # what the transforms make of the plaintext
    transforms: tuple[Step, ...]
    segments: tuple[Segment, ...]  # of the text

    @property
    def most(self) -> int:
        """Bytes that it may become: what is left out pays for a text that does not."""
        size = len(self.text)
        return min(self.size, size + size // 16 + _LEAST_MORE if left_out(self.transforms) else size) - 1

    @property
    def has_text(self) -> bool:
        """Whether a language model would be asked, as far as that can be told in no time."""
        kinds = {segment.kind for segment in self.segments}
        return SegmentKind.TEXT in kinds or (
            not kinds.isdisjoint(_MAY_HAVE_TEXT) and _TEXT.search(self.text) is not None
        )


class RunEncoder:
    """Codes blocks in order; where ``options.solid`` allows, a block continues the tables of the last one."""

    def __init__(self, options: EncodeOptions, helpers: int = 0) -> None:
        """``helpers`` threads take part of the work; they never change what it makes."""
        self._options = options
        self._helpers = helpers
        self._engine: _native.Engine | None = None  # of the run that the next block may continue
        self._table_log2 = 0
        self._run_size = 0
        self._verifier = self._new_verifier()

    def encode(self, plain: Plain, gauge: Gauge | None = None) -> tuple[BlockHeader, bytes | bytearray]:
        """The block's header and payload: coded, or stored where coding does not pay."""
        gauge = gauge or Gauge(plain.size)
        stored = BlockHeader(plain.size, checksum64_of(plain.pieces()), plain.size, None)
        block = self._prepared(plain, stored.checksum, gauge.stop)
        choices = self._choices(block)
        while coded := self._smallest(block, choices, gauge):
            header, payload = coded
            # The payload alone being shorter is not enough: a coded block's header is the longer one.
            if _size(coded) >= len(stored.body()) + plain.size:
                break
            if not self._options.verifies or self._restores(header, payload, plain.data, gauge):
                return coded
            if choices[-1].language is None:
                raise NzipError(
                    "a block does not decode to what was coded: a defect of nzip or of the machine"
                )
            # Its floats were not the same twice. What follows the block starts anew.
            self._engine = None
            choices = (self._options.components.without_language,)
        self._engine = None
        return stored, b"".join(plain.pieces()) if plain.tail.size else plain.data

    def _prepared(self, plain: Plain, checksum: int, stop: _native.Stop) -> _Block:
        # A reference is not transformed, nor is what may repeat it.
        refers = self._options.components.reference is not None
        made = untransformed(plain.data) if refers else transform(plain, stop)
        segments = find_segments(made.data, made.parts, passes=not refers, stop=stop)
        return _Block(plain.size, checksum, made.data, made.steps, segments)

    def _choices(self, block: _Block) -> tuple[Components, ...]:
        """What the block may be coded with: a language model must be worth its part of the header."""
        components = self._options.components_for(len(block.text), left_out(block.transforms))
        if components.language is None or self._options.solid is not None:
            return (components,)
        without = components.without_language
        return (without, components) if block.has_text else (without,)

    def _smallest(
        self, block: _Block, choices: tuple[Components, ...], gauge: Gauge
    ) -> tuple[BlockHeader, bytes] | None:
        """The block coded with the best of the choices. Only the last one takes time worth showing."""
        best = None
        for components in choices:
            shown = gauge if components is choices[-1] else Gauge(block.size, stop=gauge.stop)
            coded = self._code(block, components, shown)
            if coded is not None and (best is None or _size(coded) < _size(best)):
                best = coded
        return best

    def _code(self, block: _Block, components: Components, gauge: Gauge) -> tuple[BlockHeader, bytes] | None:
        options = self._options
        engine, self._engine = self._engine, None
        continues = engine is not None and self._run_size + len(block.text) <= (options.solid or 0)
        if not continues:
            engine = None  # frees the last run's tables before the new ones are allocated
            self._run_size = 0
            run_bytes = options.run_bytes(block.size, left_out(block.transforms))
            self._table_log2 = components.table_log2(options.level, run_bytes)
        if engine is None:
            engine = components.engine(self._table_log2, gauge, options.devices, self._helpers)
        with gauge.watching(engine, len(block.text)):
            payload = engine.encode(block.text, options.lanes, block.segments, block.most, gauge.stop)
        if payload is None:
            return None
        self._run_size += len(block.text)
        keeps = options.solid is not None and components is options.components
        if keeps:
            self._engine = engine
        coding = Coding(
            _native.ENGINE_ID,
            _native.ENGINE_REVISION,
            components.profile,
            self._table_log2,
            block.segments,
            options.lanes,
            components.prime_component,
            components.experts,
            block.transforms,
            continues=continues,
            keeps=keeps,
        )
        return BlockHeader(block.size, block.checksum, len(payload), coding), payload

    def _new_verifier(self) -> RunDecoder:
        return RunDecoder(self._options.devices, self._options.components.prime)

    def _restores(self, header: BlockHeader, payload: bytes, plain: bytes | bytearray, gauge: Gauge) -> bool:
        """Whether that decodes to a block that begins so; for what follows, its checksum is enough."""
        if not header.continues:
            self._verifier = self._new_verifier()
        try:
            return self._verifier.decode(header, payload, gauge)[: len(plain)] == plain
        except NzipChecksumError:
            return False


def _size(block: tuple[BlockHeader, bytes | bytearray]) -> int:
    header, payload = block
    return len(header.body()) + len(payload)


class RunDecoder:
    """Decodes the blocks of one run, in order."""

    def __init__(self, devices: Devices = (), own_prime: Prime | None = None) -> None:
        """``own_prime`` is in the file that the blocks are from."""
        self._devices = devices
        self._own_prime = own_prime
        self._engine: _native.Engine | None = None
        self._rules = RunRules()

    def admit(self, header: BlockHeader, memory_limit: int) -> int:
        """The most memory that the next block takes; raises when that, or the block, is not acceptable."""
        require_supported(header, self._own_prime)
        self._rules.follow(header)
        needed = decode_memory(header, self._rules.size, self._devices, self._own_prime)
        if needed > memory_limit:
            raise NzipMemoryError(needed, memory_limit)
        return needed

    def decode(self, header: BlockHeader, payload: bytes, gauge: Gauge | None = None) -> bytes:
        """The plaintext; its checksum matched. The header must have been admitted."""
        gauge = gauge or Gauge(header.plain_size)
        plain = payload if header.coding is None else self._decode(header, header.coding, payload, gauge)
        if checksum64(plain) != header.checksum:
            self._engine = None
            raise NzipChecksumError("a block is damaged: its checksum does not match")
        return plain

    def _decode(self, header: BlockHeader, coding: Coding, payload: bytes, gauge: Gauge) -> bytes:
        engine, self._engine = self._engine, None
        if engine is None:
            if coding.continues:
                raise NzipChecksumError("a block continues a run of which an earlier block is damaged")
            components = decoder_components(coding, self._own_prime)
            engine = components.engine(coding.table_log2, gauge, self._devices, coded_size=header.coded_size)
        try:
            with gauge.watching(engine, header.engine_size):
                text = engine.decode(payload, header.engine_size, coding.lanes, coding.segments, gauge.stop)
            plain = restore(text, coding.transforms, gauge.stop)
        except ValueError as error:
            raise NzipChecksumError(f"a block is damaged: {error}") from None
        if coding.keeps:
            self._engine = engine
        return plain
