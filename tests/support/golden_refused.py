"""Golden streams that are refused, each with its error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import nzip
from nzip.format.block import BlockHeader, Coding, Expert, Segment, Step, one_segment
from nzip.format.checksum import check16, checksum64
from nzip.format.fields import encode_varint
from nzip.format.header import StreamHeader
from nzip.format.record import END_ONE, encode_record
from nzip.format.reference import Reference
from nzip.format.registry import (
    MAGIC,
    RecordType,
    SegmentKind,
)
from support.golden_streams import STORED


def _header(version: int, features: int) -> bytes:
    head = MAGIC + bytes([version]) + encode_varint(features)
    return head + check16(head)


def _block(**fields: Any) -> bytes:
    coding = replace(Coding(1, 1, 1, 16, one_segment(100)), **fields)
    header = BlockHeader(100, checksum64(bytes(100)), 10, coding)
    return StreamHeader().encode() + header.encode() + bytes(10) + END_ONE


def _block_with_flag(number: int) -> bytes:
    body = BlockHeader(100, checksum64(bytes(100)), 10, Coding(1, 1, 1, 16, one_segment(100))).body()
    flags = len(body) - 2  # before the coded size, of one byte
    body = body[:flags] + bytes([body[flags] | 1 << number]) + body[flags + 1 :]
    return StreamHeader().encode() + encode_record(RecordType.BLOCK, body) + bytes(10) + END_ONE


MISSING = Reference(bytes(range(16)), 1000, one_segment(1000))


def _errors() -> dict[str, tuple[bytes, type[nzip.NzipError]]]:
    stored = STORED["blocks"].encode()
    return {
        "nothing": (b"", nzip.NzipTruncatedError),
        "truncated": (stored[:-1], nzip.NzipTruncatedError),
        "truncated-block": (stored[:100], nzip.NzipTruncatedError),
        "text": (b"plain text\n", nzip.NzipFormatError),
        "trailing-garbage": (stored + b"garbage", nzip.NzipFormatError),
        "text-mode": (stored.replace(b"\n", b"\r\n"), nzip.NzipFormatError),
        "damaged-stream-header": (stored[:4] + b"\x02" + stored[5:], nzip.NzipChecksumError),
        "damaged-header": (stored[:12] + b"\x00" + stored[13:], nzip.NzipChecksumError),
        "damaged-payload": (stored[:100] + bytes(1) + stored[101:], nzip.NzipChecksumError),
        "container-version": (_header(2, 0), nzip.NzipVersionError),
        "feature": (_header(1, 1 << 9), nzip.NzipVersionError),
        "record-type": (StreamHeader().encode() + encode_record(0x20, b""), nzip.NzipVersionError),
        "engine": (_block(engine=77), nzip.NzipVersionError),
        "engine-revision": (_block(revision=1_000_000), nzip.NzipVersionError),
        "profile": (_block(profile=254), nzip.NzipVersionError),
        "profile-hash": (_block(profile=bytes(range(16))), nzip.NzipModelError),
        "expert": (_block(experts=(Expert(900, 0, b"x"),)), nzip.NzipVersionError),
        "network": (_block(experts=(Expert(1, 254, b""),)), nzip.NzipModelError),
        "network-hash": (_block(experts=(Expert(1, bytes(range(16)), b""),)), nzip.NzipModelError),
        "expert-parameters": (_block(experts=(Expert(1, 1, b"x"),)), nzip.NzipVersionError),
        "networks": (_block(experts=(Expert(1, 1, b""),) * 2), nzip.NzipVersionError),
        "flag": (_block_with_flag(7), nzip.NzipVersionError),
        "segment": (_block(segments=(Segment(900, 0, 100),)), nzip.NzipVersionError),
        "instruction-set": (
            _block(segments=(Segment(SegmentKind.EXECUTABLE, 900, 100),)),
            nzip.NzipVersionError,
        ),
        "own-prime": (
            StreamHeader().encode() + encode_record(RecordType.PRIME, bytes(40)),
            nzip.NzipFormatError,
        ),
        "transforms": (_block(transforms=(Step(1, 100, 100),) * 2), nzip.NzipVersionError),
        "transform": (_block(transforms=(Step(900, 100, 100),)), nzip.NzipVersionError),
        "prime": (_block(prime=254), nzip.NzipModelError),
        "prime-hash": (_block(prime=bytes(range(16))), nzip.NzipModelError),
        "reference": (_block(experts=(MISSING.expert(),)), nzip.NzipModelError),
        "reference-number": (
            _block(experts=(MISSING.expert()._replace(model=1),)),
            nzip.NzipFormatError,
        ),
        "reference-size": (
            _block(experts=(MISSING.expert()._replace(parameters=b"\x00\x01\x00\x00"),)),
            nzip.NzipFormatError,
        ),
        "reference-twice": (_block(experts=(MISSING.expert(),) * 2), nzip.NzipFormatError),
        "prime-table": (_block(prime=1, table_log2=25), nzip.NzipFormatError),
        "memory": (_block(table_log2=34), nzip.NzipMemoryError),
    }


ERROR_CASES = _errors()
