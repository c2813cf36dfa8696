"""The codecs that there are."""

from __future__ import annotations

from nzip.codecs.arrays import Arrays
from nzip.codecs.contract import Codec
from nzip.codecs.mixing import Mixing
from nzip.codecs.stored import Stored
from nzip.engines import ENGINES
from nzip.errors import NzipVersionError
from nzip.format.block import BlockHeader

# By engine and revision. Encoders try the candidates of all of them.
CODECS: dict[tuple[int, int], Codec] = {
    (codec.engine, codec.revision): codec
    for codec in (Stored(), *(Mixing(*key) for key in ENGINES), Arrays())
}


def codec_of(header: BlockHeader) -> Codec:
    """What codes a block; NzipVersionError when that is not known."""
    engine, revision = header.codec
    if (codec := CODECS.get((engine, revision))) is not None:
        return codec
    known = [known_revision for known_engine, known_revision in CODECS if known_engine == engine]
    if not known:
        raise NzipVersionError(f"engine {engine} is not known")
    revisions = " and ".join(map(str, sorted(known)))
    raise NzipVersionError(f"engine {engine} is known in revision {revisions}, not {revision}")
