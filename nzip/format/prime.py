"""The record that holds a prime's text for the blocks behind it."""

from __future__ import annotations

from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.block import BlockHeader, parse_block
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_PRIME
from nzip.format.record import encode_record
from nzip.format.registry import COMPONENT_NONE, RecordType

DIGEST_SIZE = 32


class StoredPrime(NamedTuple):
    """A text as a block, and its SHA-256, of which the first bytes are the prime's name."""

    digest: bytes
    header: BlockHeader
    payload: bytes

    def encode(self) -> bytes:
        # The header has no frame of its own, or whoever salvages could take it for a block of the stream.
        header = self.header.body()
        return encode_record(
            RecordType.PRIME, self.digest + encode_varint(len(header)) + header + self.payload
        )


def parse_prime(body: bytes) -> StoredPrime:
    """What the record's body holds. NzipFormatError when it breaks a rule."""
    cursor = Cursor(body)
    try:
        digest = cursor.take(DIGEST_SIZE)
        header = parse_block(cursor.take(cursor.varint()))
    except ShortInputError:
        raise NzipFormatError("a prime ends inside a field") from None
    if header.plain_size > MAX_PRIME:
        raise NzipFormatError(f"a prime of {header.plain_size} bytes; at most {MAX_PRIME} are allowed")
    if header.coded_size != cursor.remaining:
        raise NzipFormatError("a prime has not the coded bytes that its header promises")
    coding = header.coding
    if coding is not None and (
        coding.continues
        or coding.keeps
        or coding.experts
        or coding.prime != COMPONENT_NONE
        or isinstance(coding.profile, bytes)
    ):
        raise NzipFormatError("a prime is coded with what a prime must do without")
    return StoredPrime(digest, header, cursor.take(cursor.remaining))
