"""From a file to its plaintext: blocks are decoded, transforms reverted, checksums compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from nzip.errors import NzipChecksumError, NzipFormatError, NzipVersionError
from nzip.reference.arrays import decode_arrays
from nzip.reference.block_header import ARRAYS, CONTEXT_MIXING, STORED, BlockHeader
from nzip.reference.container import PrimeText, Stream, read_streams, xxh3
from nzip.reference.engine1.run import Run
from nzip.reference.resources import Resources
from nzip.reference.transforms import check_transforms, revert


def restore(data: bytes, resources: Resources) -> Iterator[bytes]:
    """The plaintexts of a file's blocks, each verified.

    Raises a NzipError for data that break a rule, are damaged, or need what is not there.
    """
    for number, stream in enumerate(read_streams(data)):
        if number == 0 and stream.prime is not None:
            _take_prime(stream.prime, stream, resources)
        yield from _restore_stream(stream, resources)


def _restore_stream(stream: Stream, resources: Resources) -> Iterator[bytes]:
    run: Run | None = None
    for block in stream.blocks:
        if not block.header.continues:
            run = None
        plain, run = _restore_block(block.header, block.coded, run, resources)
        yield plain


def _restore_block(
    header: BlockHeader, coded: bytes, run: Run | None, resources: Resources
) -> tuple[bytes, Run | None]:
    check_transforms(header)
    if header.engine == STORED:
        plain = coded
    elif header.engine == CONTEXT_MIXING:
        run = run or Run(header, resources)
        plain = run.decode(header, coded)
    elif header.engine == ARRAYS:
        plain = decode_arrays(header, coded)
    else:
        raise NzipVersionError(f"engine {header.engine} is not known")
    plain = revert(header, plain)
    if len(plain) != header.plain_size or xxh3(plain) != header.checksum:
        raise NzipChecksumError("a block's plaintext is not what was compressed")
    return plain, run


def _take_prime(prime: PrimeText, stream: Stream, resources: Resources) -> None:
    """Decodes the text of a prime record, if a block needs it."""
    if any(block.header.prime == prime.digest[:16] for block in stream.blocks):
        text, _ = _restore_block(prime.header, prime.coded, None, resources)
        if hashlib.sha256(text).digest() != prime.digest:
            raise NzipFormatError("a prime record's text is another one")
        resources.add(text)
