"""Archives to try things on."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

from nzip.archive import create
from nzip.format.fields import encode_varint
from nzip.format.member_records import encode_member_records
from nzip.format.registry import MemberColumn
from nzip.pipeline import EncodeOptions
from nzip.pipeline.encoder import Encoder

sys.path.append(str(Path(__file__).parents[1]))  # what all tests share

FAST = EncodeOptions(level=1, model="none", prime="none", threads=1, block_size=4096)


def make_tree(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def archive_of(root: Path, *paths: str, options: EncodeOptions = FAST) -> io.BytesIO:
    file = io.BytesIO()
    create(file, paths or ["."], options, folder=str(root))
    return file


def forged(plain: bytes, **columns: bytes | Sequence[int]) -> io.BytesIO:
    """An archive whose table says what it is told to: bytes, or numbers that are written as varints."""
    table = b""
    for name, values in columns.items():
        data = values if isinstance(values, bytes) else b"".join(map(encode_varint, values))
        table += encode_varint(MemberColumn[name.upper()]) + encode_varint(len(data)) + data
    return with_table(plain, table)


def with_table(plain: bytes, table: bytes) -> io.BytesIO:
    encoder = Encoder(FAST)
    return io.BytesIO(encoder.write(plain) + encoder.finish(encode_member_records(table)))
