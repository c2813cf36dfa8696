"""Golden archives, and those that are refused, each with its error."""

from __future__ import annotations

from dataclasses import replace

import nzip
from nzip.archive.grouping import Grouping
from nzip.format.checksum import checksum64
from nzip.format.extras import Owner
from nzip.format.holes import Hole
from nzip.format.member_records import encode_member_records
from nzip.format.members import Member, encode_members
from nzip.format.record import encode_record
from nzip.format.registry import (
    MemberKind,
    RecordType,
)
from nzip.pipeline import resolve_encoding
from nzip.pipeline.encoder import Encoder
from nzip.pipeline.own_primes import make_own_prime
from support.golden_streams import STORED, record_body
from support.member_tables import FAST, check_of, forged, forged_files, with_records, with_table
from support.samples import noise, words


def _members(contents: list[bytes]) -> list[Member]:
    """One of each kind, and what is not usual in each column."""
    check, other, none = (int.from_bytes(check_of(content), "little") for content in contents)
    start, size = len(contents[0]), len(contents[1])
    return [
        Member("folder", MemberKind.FOLDER, 0o7755, -1),
        Member("folder/link", MemberKind.SYMBOLIC_LINK, 0, 2**62, target="../a\udcff"),
        Member("a\udcff", MemberKind.FILE, 0o644, 1_234_567_890_123_456_789, start, 0, check),
        Member(
            "folder/hard", MemberKind.HARD_LINK, 0o644, 1_234_567_890_123_456_789, start, 0, check, "a\udcff"
        ),
        Member("folder/copy", MemberKind.FILE, 0o600, 0, start, 0, check),
        Member("folder/hard copy", MemberKind.HARD_LINK, 0o600, 0, start, 0, check, "folder/copy"),
        Member("Gr\u00fc\u00dfe", MemberKind.FILE, 0, -(2**63), size, start + 5, other),
        Member("folder/empty", MemberKind.FILE, 0o777, 2**63 - 1, 0, start + 5 + size, none),
    ]


def _owned(members: list[Member]) -> list[Member]:
    """Some with an owner, some with attributes, some with neither."""
    acl = bytes.fromhex("02000000 01000600 ffffffff 04000400 ffffffff 20000000 ffffffff")
    owners = [Owner(0, 0, "root", "wheel"), Owner(2**32 - 2, 1000, "", "us\udcffers"), None]
    sets = [(("system.posix_acl_access", acl), ("user.comment", b"")), (("user.comment", noise(300)),), ()]
    found: list[Member] = []
    for number, member in enumerate(members):
        if member.kind == MemberKind.HARD_LINK:
            first = next(each for each in found if each.path == member.target)
            found.append(member._replace(owner=first.owner, xattrs=first.xattrs))
        else:
            xattrs = () if member.kind == MemberKind.SYMBOLIC_LINK else sets[number // 2 % 3]
            found.append(member._replace(owner=owners[number % 3], xattrs=xattrs))
    return found


def _with_holes() -> bytes:
    """Two files with holes, a copy and a hard link of the first, and a file without."""
    content = b"a" + bytes(2500) + b"b"
    check = int.from_bytes(check_of(content), "little")
    first = Member("a", MemberKind.FILE, 0o644, 0, 2502, 0, check, holes=(Hole(1, 2000), Hole(2002, 499)))
    members = [
        first,
        first._replace(path="b"),
        first._replace(path="c", kind=MemberKind.HARD_LINK, target="b"),
        first._replace(path="d", offset=2502, holes=()),
        first._replace(path="e", offset=5004, holes=(Hole(1, 2500),)),
    ]
    return with_table(content * 3, encode_members(members))


def _archives() -> dict[str, tuple[bytes, type[nzip.NzipError] | None]]:
    contents = [noise(300), noise(5000)[300:], b""]
    table = encode_members(_members(contents))
    plain = contents[0] + b"a gap" + contents[1]
    good = with_table(plain, table)
    head = {"shared": [0], "rest": b"a\0", "mode": [0], "seconds": [0], "nanoseconds": [0]}
    content = {"size": [1], "gap": [0], "check": check_of(b"x")}
    return {
        "members": (good, None),
        "one-block": (with_table(plain[:305], encode_members(_members(contents)[:6])), None),
        "nothing": (with_table(b"", encode_members([])), None),
        "column": (with_table(b"", encode_members([]) + b"\x7f\x03abc"), None),
        "two-records": (with_records(plain, _in_two(encode_member_records(table))), None),
        "own-prime": (_with_own_prime(), None),
        "groups": (_with_groups(contents), None),
        "owners": (with_table(plain, encode_members(_owned(_members(contents)))), None),
        "holes": (_with_holes(), None),
        "hole-behind-the-end": (
            forged(b"x", kind=[0], **head, **content, holes=[1, 0, 2]),
            nzip.NzipFormatError,
        ),
        "owner-missing": (forged(b"", kind=[4], **head, owner=[1]), nzip.NzipFormatError),
        "no-table": (STORED["blocks"].encode(), nzip.NzipFormatError),
        "two-streams": (good + good, nzip.NzipFormatError),
        "undecodable": (with_records(b"x", encode_record(RecordType.MEMBERS, b"\xff")), nzip.NzipFormatError),
        "kind": (forged(b"x", kind=[5], **head), nzip.NzipVersionError),
        "path-absolute": (forged_files(b"/etc/passwd"), nzip.NzipFormatError),
        "path-up": (forged_files(b"a/../../b"), nzip.NzipFormatError),
        "path-twice": (forged_files(b"a", b"a"), nzip.NzipFormatError),
        "path-empty": (forged_files(b""), nzip.NzipFormatError),
        "content": (forged(b"x", kind=[0], **head, **content | {"size": [2]}), nzip.NzipFormatError),
        "short-column": (forged(b"x", kind=[0], **head, **content | {"gap": []}), nzip.NzipFormatError),
        "copy": (forged(b"x", kind=[1], **head), nzip.NzipFormatError),
        "damaged": (good[:-100] + bytes([good[-100] ^ 1]) + good[-99:], nzip.NzipChecksumError),
        "memory": (with_table(b"", bytes(2 << 20)), nzip.NzipMemoryError),
    }


def _in_two(record: bytes) -> bytes:
    """The table of one record in two."""
    body = record_body(record)
    return encode_record(RecordType.MEMBERS, body[:50]) + encode_record(RecordType.MEMBERS, body[50:])


def _with_groups(contents: list[bytes]) -> bytes:
    """A group of all blocks before the last of them, and one behind the table."""
    plain = contents[0] + b"a gap" + contents[1]
    members = _members(contents)
    grouping = Grouping()
    encoder = Encoder(FAST, before_block=grouping.before_block)
    grouping.add(members[:-1], 0)
    out = encoder.write(plain) + encoder.end_blocks()
    grouping.add(members, len(plain))
    return out + encoder.finish(encode_member_records(encode_members(members)) + grouping.rest())


def _with_own_prime() -> bytes:
    """Coded blocks that start from a prime in the archive."""
    options = replace(FAST, prime=None)
    own_prime = make_own_prime(words(2000), options)
    content = words(6000)[1000:]
    member = Member("a", MemberKind.FILE, 0o644, 0, len(content), 0, checksum64(content) & 0xFFFFFFFF)
    encoder = Encoder(resolve_encoding(options, own_prime.prime), records=own_prime.record)
    return encoder.write(content) + encoder.finish(encode_member_records(encode_members([member])))


ARCHIVE_CASES = _archives()
