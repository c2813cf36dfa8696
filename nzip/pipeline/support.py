"""What this version can decode. A block that needs more is refused by name, before anything is allocated."""

from __future__ import annotations

from nzip import _native
from nzip.codecs.components import decoder_components
from nzip.errors import NzipFormatError, NzipVersionError
from nzip.format.block import BlockHeader
from nzip.format.registry import EngineId, InstructionSet, SegmentKind
from nzip.resources.primes import Prime
from nzip.transforms.chain import require_known

KNOWN_SEGMENTS = frozenset(SegmentKind)
KNOWN_INSTRUCTION_SETS = frozenset(InstructionSet)


def require_supported(header: BlockHeader, own_prime: Prime | None = None) -> None:
    """Raises what names the first thing that is not known here."""
    coding = header.coding
    if coding is None:
        return
    if coding.engine != EngineId.CONTEXT_MIXING:
        raise NzipVersionError(f"engine {coding.engine} is not known")
    if coding.revision != _native.ENGINE_REVISION:
        raise NzipVersionError(
            f"engine {coding.engine} is known in revision {_native.ENGINE_REVISION}, not {coding.revision}"
        )
    components = decoder_components(coding, own_prime)
    if coding.table_log2 < components.min_table_log2:
        raise NzipFormatError(f"a table of 2^{coding.table_log2} bytes is too small for a prime")
    require_known(coding.transforms)
    reference = components.reference
    for segment in (*coding.segments, *(() if reference is None else reference.segments)):
        if segment.kind not in KNOWN_SEGMENTS:
            raise NzipVersionError(f"segment kind {segment.kind} is not known")
        if segment.kind == SegmentKind.EXECUTABLE and segment.parameter not in KNOWN_INSTRUCTION_SETS:
            raise NzipVersionError(f"instruction set {segment.parameter} is not known")
