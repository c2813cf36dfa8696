"""Writes the coded blocks of nzip files in the flat form that native/tests/block_vectors.cpp reads.

    python tests/make_vectors.py OUTPUT [FILE.nz ...]        # without files: the golden ones

So the native core can be built with sanitizers, with other compilers and for other machines, without Python,
and still be shown to code and decode the same bytes. All numbers are little-endian:

    "NZV5", then for each coded block, in the order of its run:
    u32 engine, u32 revision, u32 component set, u32 table_log2, u32 lanes, u32 restart (1: fresh tables,
    0: continues the block before), u32 segments, u32 architecture (1: glr1, 2: glr2), u32 channels and u32
    layers of the network (0: none), u32 whether a learner is beside it, u64 sizes of the plaintext as
    transforms left it, the coded bytes, the prime, the start and the network's tensors (0: none), for each
    segment u32 kind, u32 parameter, u64 length, and what the sizes are of
"""

from __future__ import annotations

import pathlib
import struct
import sys
from collections.abc import Iterator

from support import golden_models

import nzip
from nzip.codecs.components import decoder_components
from nzip.engines import ENGINES
from nzip.format.block import BlockHeader
from nzip.format.reader import StreamReader
from nzip.models import nzm
from nzip.models.store import NETWORKS
from nzip.resources.resources import Resources
from nzip.transforms.chain import transform
from nzip.transforms.contract import Plain


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
    plain = nzip.decompress(data, prime=golden_models.PRIME, ref=golden_models.REFERENCE)
    resources = Resources()
    resources.add_prime(golden_models.PRIME)
    resources.add_reference(golden_models.REFERENCE)
    for header, payload in coded_blocks(data):
        block, plain = plain[: header.plain_size], plain[header.plain_size :]
        coding = header.coding
        if coding is None or header.codec not in ENGINES:
            continue
        parts = decoder_components(coding, resources)
        if parts.reference is not None or parts.language is not None:
            continue  # the flat form has no place for them
        made = transform(Plain(block))
        assert made.steps == coding.transforms
        model = None if parts.network is None else nzm.parse(NETWORKS.find(parts.network.id).data)
        blobs = (
            made.data,
            payload,
            b"" if parts.prime is None else parts.prime.text(),
            parts.start or b"",
            b"" if model is None else model.tensor_bytes,
        )
        yield struct.pack(
            "<11I5Q",
            coding.engine,
            coding.revision,
            parts.component_set,
            coding.table_log2,
            coding.lanes,
            not coding.continues,
            len(coding.segments),
            0 if model is None else int(model.architecture[-1]),
            0 if model is None else model.channels,
            0 if model is None else model.layers,
            parts.learner,
            *map(len, blobs),
        )
        yield from (struct.pack("<2IQ", *segment) for segment in coding.segments)
        yield from blobs


def main(output: str, files: list[str]) -> None:
    golden_models.unpack()
    paths = [pathlib.Path(file) for file in files] or sorted(golden_models.FOLDER.glob("*.nz"))
    with open(output, "wb") as out:
        out.write(b"NZV5")
        for path in paths:
            out.writelines(vectors(path.read_bytes()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
