"""Writes the coded blocks of nzip files in the flat form that native/tests/block_vectors.cpp reads.

    python tests/make_vectors.py OUTPUT [FILE.nz ...]        # without files: the golden ones

So the native core can be built with sanitizers, with other compilers and for other machines, without Python,
and still be shown to code and decode the same bytes. All numbers are little-endian:

    "NZV2", then for each coded block, in the order of its run:
    u32 profile, u32 table_log2, u32 lanes, u32 restart (1: fresh tables, 0: continues the block before),
    u32 segments, u64 plain size, u64 coded size, u64 prime size (0: no prime),
    for each segment u32 kind, u32 parameter, u64 length, the plaintext, the coded bytes, the prime
"""

from __future__ import annotations

import pathlib
import struct
import sys
from collections.abc import Iterator

import nzip
from nzip.format.block import BlockHeader
from nzip.format.reader import StreamReader
from nzip.format.registry import COMPONENT_NONE
from nzip.pipeline.primes import add_prime, find_prime

GOLDEN = pathlib.Path(__file__).parent / "golden"
PRIME = GOLDEN / "prime.txt"  # of the golden files that need one


def coded_blocks(data: bytes) -> Iterator[tuple[BlockHeader, bytes]]:
    """Every block header of all streams with its payload."""
    while data:
        reader = StreamReader()
        reader.feed(data)
        while (event := reader.next_event()) is not None:
            if isinstance(event, BlockHeader):
                payload = reader.next_event()
                assert isinstance(payload, bytes)
                yield event, payload
        data = bytes(reader.buffer)


def vectors(data: bytes) -> Iterator[bytes]:
    plain = nzip.decompress(data)
    for header, payload in coded_blocks(data):
        block, plain = plain[: header.plain_size], plain[header.plain_size :]
        coding = header.coding
        if coding is None:
            continue
        prime = b"" if coding.prime == COMPONENT_NONE else find_prime(coding.prime).text()
        yield struct.pack(
            "<5I3Q",
            coding.profile,
            coding.table_log2,
            coding.lanes,
            not coding.continues,
            len(coding.segments),
            len(block),
            len(payload),
            len(prime),
        )
        yield from (struct.pack("<2IQ", *segment) for segment in coding.segments)
        yield block
        yield payload
        yield prime


def main(output: str, files: list[str]) -> None:
    add_prime(PRIME)
    paths = [pathlib.Path(file) for file in files] or sorted(GOLDEN.glob("*.nz"))
    with open(output, "wb") as out:
        out.write(b"NZV2")
        for path in paths:
            out.writelines(vectors(path.read_bytes()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
