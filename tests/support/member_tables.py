"""Archives with tables that no writer would write."""

from __future__ import annotations

from collections.abc import Sequence

from nzip.format.checksum import checksum64
from nzip.format.fields import encode_varint
from nzip.format.member_records import encode_member_records
from nzip.format.registry import MemberColumn, MemberKind
from nzip.pipeline import EncodeOptions
from nzip.pipeline.encoder import Encoder

FAST = EncodeOptions(level=1, model="none", prime="none", threads=1, block_size=4096)


def forged(plain: bytes, **columns: bytes | Sequence[int]) -> bytes:
    """An archive whose table says what it is told to: bytes, or numbers that are written as varints."""
    table = b""
    for name, values in columns.items():
        data = values if isinstance(values, bytes) else b"".join(map(encode_varint, values))
        table += encode_varint(MemberColumn[name.upper()]) + encode_varint(len(data)) + data
    return with_table(plain, table)


def with_table(plain: bytes, table: bytes) -> bytes:
    """An archive with this table."""
    return with_records(plain, encode_member_records(table))


def with_records(plain: bytes, records: bytes) -> bytes:
    """A stream with these records behind its last block."""
    encoder = Encoder(FAST)
    return encoder.write(plain) + encoder.finish(records)


def check_of(data: bytes) -> bytes:
    """The check of a content."""
    return (checksum64(data) & 0xFFFFFFFF).to_bytes(4, "little")


def forged_files(*paths: bytes) -> bytes:
    """An archive of files with these paths, all of content "x"."""
    count = len(paths)
    return forged(
        b"x" * count,
        kind=[MemberKind.FILE] * count,
        shared=[0] * count,
        rest=b"".join(path + b"\0" for path in paths),
        mode=[0o644] * count,
        seconds=[0] * count,
        nanoseconds=[0] * count,
        size=[1] * count,
        gap=[0] * count,
        check=check_of(b"x") * count,
    )
