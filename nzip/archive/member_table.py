"""The member table of an archive that is made. What no reader would take is never written."""

from __future__ import annotations

from nzip.errors import NzipChecksumError, NzipFormatError
from nzip.format.member_records import decode_member_records, encode_member_records
from nzip.format.members import Member, encode_members, parse_members


def member_records(members: list[Member], plain_size: int, memory_limit: int) -> bytes:
    """The records with the table of an archive of so many bytes of plaintext, which were read back.

    Raises NzipMemoryError when a reader would need more than the limit, and NzipChecksumError when it would
    not find these very members.
    """
    records = encode_member_records(encode_members(members))
    try:
        found = parse_members(decode_member_records(records, memory_limit), plain_size, memory_limit)
    except NzipFormatError as error:
        raise _not_readable() from error
    if found != members:
        raise _not_readable()
    return records


def _not_readable() -> NzipChecksumError:
    return NzipChecksumError("its member table cannot be read back: a defect of nzip or of the machine")
