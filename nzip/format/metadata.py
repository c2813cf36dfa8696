"""The metadata record: what a stream says about the file that it came from. Decoding needs none of it."""

from __future__ import annotations

from dataclasses import dataclass

from nzip.errors import NzipFormatError
from nzip.format.cursor import Cursor, ShortInputError, split_varints
from nzip.format.fields import encode_varint
from nzip.format.holes import MAX_HOLES_BYTES, Hole, encode_holes, parse_holes
from nzip.format.limits import MAX_ENTRIES
from nzip.format.record import encode_record
from nzip.format.registry import MetadataTag, RecordType
from nzip.format.times import nearest_time

MAX_MODE = 0o7777


@dataclass(frozen=True)
class Metadata:
    """The original file's base name, permissions, time and holes, and whatever the user adds."""

    name: bytes | None = None
    mode: int | None = None
    mtime_ns: int | None = None
    user: tuple[tuple[bytes, bytes], ...] = ()
    holes: tuple[Hole, ...] = ()

    def __post_init__(self) -> None:
        if self.name is not None and not is_base_name(self.name):
            raise ValueError(f"{self.name!r} is not the base name of a file")
        if self.mode is not None and not 0 <= self.mode <= MAX_MODE:
            raise ValueError(f"{self.mode:#o} is not a file mode")
        if self.mtime_ns is not None and nearest_time(self.mtime_ns) != self.mtime_ns:
            raise ValueError(f"{self.mtime_ns} ns do not fit 64 bits")

    def encode(self) -> bytes:
        """The record, which was read back; nothing for empty metadata.

        Raises ValueError for what no reader would take.
        """
        body = b""
        if self.name is not None:
            body += _field(MetadataTag.NAME, self.name)
        if self.mode is not None:
            body += _field(MetadataTag.MODE, self.mode.to_bytes(2, "little"))
        if self.mtime_ns is not None:
            body += _field(MetadataTag.MTIME, self.mtime_ns.to_bytes(8, "little", signed=True))
        if self.holes:
            body += _field(MetadataTag.HOLES, encode_holes(self.holes))
        for key, value in self.user:
            body += _field(MetadataTag.USER, encode_varint(len(key)) + key + value)
        try:
            found = parse_metadata(body)
        except NzipFormatError as error:
            raise ValueError(str(error)) from None
        if found != self:
            raise ValueError("metadata that would not be read as they are")
        return encode_record(RecordType.METADATA, body) if body else b""


def is_base_name(name: bytes) -> bool:
    """Whether the name stays inside the folder where it is used, on every system."""
    return name not in (b"", b".", b"..") and not any(byte in name for byte in b"/\\\0")


def _field(tag: MetadataTag, value: bytes) -> bytes:
    return encode_varint(tag) + encode_varint(len(value)) + value


def parse_metadata(body: bytes) -> Metadata:
    """The metadata in a record's body. Fields with unknown tags are skipped."""
    cursor = Cursor(body)
    fields: dict[int, bytes] = {}
    user = []
    count = 0
    try:
        while cursor.remaining:
            tag, value = cursor.varint(), cursor.take(cursor.varint())
            count += 1
            if count > MAX_ENTRIES:
                raise NzipFormatError(f"metadata of more than {MAX_ENTRIES} fields")
            if tag == MetadataTag.USER:
                pair = Cursor(value)
                user.append((pair.take(pair.varint()), pair.take(pair.remaining)))
            elif tag in fields:
                raise NzipFormatError(f"metadata field {tag} appears twice")
            else:
                fields[tag] = value
    except ShortInputError:
        raise NzipFormatError("a metadata record ends inside a field") from None
    try:
        return Metadata(
            fields.get(MetadataTag.NAME), _mode(fields), _mtime(fields), tuple(user), _holes(fields)
        )
    except ValueError as error:
        raise NzipFormatError(f"metadata: {error}") from None


def _mode(fields: dict[int, bytes]) -> int | None:
    value = fields.get(MetadataTag.MODE)
    return None if value is None else int.from_bytes(_sized(value, 2), "little")


def _mtime(fields: dict[int, bytes]) -> int | None:
    value = fields.get(MetadataTag.MTIME)
    return None if value is None else int.from_bytes(_sized(value, 8), "little", signed=True)


def _holes(fields: dict[int, bytes]) -> tuple[Hole, ...]:
    value = fields.get(MetadataTag.HOLES, b"")
    if len(value) > MAX_HOLES_BYTES:
        raise NzipFormatError(f"holes of {len(value)} bytes")
    try:
        return parse_holes(split_varints(value))
    except ShortInputError:
        raise NzipFormatError("the holes of a file end inside a number") from None


def _sized(value: bytes, size: int) -> bytes:
    if len(value) != size:
        raise ValueError(f"a field of {len(value)} bytes instead of {size}")
    return value
