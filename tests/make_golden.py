"""Writes the golden files: streams that every later version must decode, or refuse, in the same way.

    python tests/make_golden.py [--replace] [stored] [coded] [errors] [archives]

Files that exist are kept; ``--replace`` writes those anew in which an engine coded something, as a change of
coded bytes demands until the engine's revision is declared frozen. The stored ones show version 1 of the
container, which is: they stay. docs/format/README.md lists what each file shows.
"""

from __future__ import annotations

import hashlib
import io
import json
import pathlib
import sys
from dataclasses import dataclass, field, replace
from typing import Any

from support import golden_models
from support.engines import ENGINE
from support.golden_models import FOLDER, OWN_NETWORK, OWN_PRIME, OWN_START, PRIME, REFERENCE
from support.member_tables import FAST, check_of, forged, forged_files, with_records, with_table
from support.samples import TEXT, bitmap, noise, program, records, wave, words

import nzip
from nzip.archive import Archive
from nzip.archive.grouping import Grouping
from nzip.format.block import BlockHeader, Coding, Expert, Segment, Step, one_segment
from nzip.format.checksum import check16, checksum64
from nzip.format.cursor import Cursor
from nzip.format.extras import Owner
from nzip.format.fields import encode_varint
from nzip.format.header import StreamHeader
from nzip.format.holes import Hole
from nzip.format.member_records import encode_member_records
from nzip.format.members import Member, encode_members
from nzip.format.record import END_ONE, encode_record, parse_record
from nzip.format.reference import Reference
from nzip.format.registry import (
    MAGIC,
    SKIPPABLE,
    InstructionSet,
    MemberKind,
    RecordType,
    SegmentKind,
)
from nzip.format.writer import StreamWriter
from nzip.models.store import PROFILES, ModelFile
from nzip.pipeline import EncodeOptions, Metadata, compress_stream, resolve_encoding
from nzip.pipeline.encoder import Encoder
from nzip.pipeline.own_primes import make_own_prime

ERRORS = pathlib.Path(__file__).parent / "golden_errors"
ARCHIVES = pathlib.Path(__file__).parent / "golden_archives"


@dataclass(frozen=True)
class Case:
    """A file of one or more streams, all with the same options."""

    plains: tuple[bytes, ...]
    options: dict[str, Any] = field(default_factory=dict)
    metadata: Metadata | None = None

    @property
    def plain(self) -> bytes:
        return b"".join(self.plains)

    def encode(self) -> bytes:
        out = io.BytesIO()
        for plain in self.plains:
            options = EncodeOptions(**{"level": 1, "threads": 1, "prime": "none", **self.options})
            compress_stream(io.BytesIO(plain), out, options, metadata=self.metadata)
        return out.getvalue()


@dataclass(frozen=True)
class Pieces:
    """A block of segments that no detection would find in so few bytes, and one that continues it."""

    pieces: tuple[tuple[SegmentKind, int, bytes], ...]
    profile: int
    lanes: int

    @property
    def plain(self) -> bytes:
        return b"".join(piece for _, _, piece in self.pieces) * 2

    def encode(self) -> bytes:
        block = self.plain[: len(self.plain) // 2]
        segments = tuple(Segment(kind, parameter, len(piece)) for kind, parameter, piece in self.pieces)
        engine, writer = ENGINE.engine(self.profile, 18), StreamWriter()
        out = writer.begin()
        for continues in False, True:
            coded = engine.encode(block, self.lanes, segments)
            assert coded is not None
            revision = ENGINE.revision
            coding = Coding(
                1, revision, self.profile, 18, segments, self.lanes, continues=continues, keeps=not continues
            )
            out += writer.block(BlockHeader(len(block), checksum64(block), len(coded), coding), coded)
        return out + writer.end()


@dataclass(frozen=True)
class Flushed:
    """Text in parts, each ended by what a compressor can be asked for."""

    parts: tuple[tuple[bytes, int], ...]

    @property
    def plain(self) -> bytes:
        return b"".join(part for part, _ in self.parts)

    def encode(self) -> bytes:
        compressor = nzip.NzipCompressor(1, prime="none")
        out = b"".join(compressor.compress(part) + compressor.flush(mode) for part, mode in self.parts)
        return out + compressor.flush()


def _body(record: bytes) -> bytes:
    return parse_record(Cursor(record), record).body


@dataclass(frozen=True)
class Unknown:
    """Records and a metadata field of the future, which every reader goes past."""

    plain: bytes

    def encode(self) -> bytes:
        out = StreamHeader().encode()
        field = encode_varint(99) + encode_varint(3) + b"new"
        out += encode_record(SKIPPABLE + 0x70, b"of the future")
        out += encode_record(RecordType.METADATA, _body(METADATA.encode()) + field)
        out += encode_record(SKIPPABLE + 0x71, b"")
        header = BlockHeader(len(self.plain), checksum64(self.plain), len(self.plain), None)
        out += header.encode() + self.plain
        return out + encode_record(SKIPPABLE + 0x72, bytes(20)) + END_ONE


@dataclass(frozen=True)
class OwnStart:
    """A block that names a profile without a text, as no option of an encoder does."""

    plain: bytes

    def encode(self) -> bytes:
        profile = PROFILES.take(ModelFile(str(OWN_START), OWN_START.read_bytes()))
        engine, segments = ENGINE.engine(1, 18, None, profile.value.start), one_segment(len(self.plain))
        coded = engine.encode(self.plain, 1, segments)
        assert coded is not None
        coding = Coding(1, ENGINE.revision, profile.component, 18, segments)
        header = BlockHeader(len(self.plain), checksum64(self.plain), len(coded), coding)
        writer = StreamWriter()
        return writer.begin() + writer.block(header, coded) + writer.end()


METADATA = Metadata(
    b"gr\xc3\xbc\xc3\x9fe.txt", 0o640, 1_234_567_890_123_456_789, ((b"key", b"value"), (b"key", b""))
)

# The container alone: nothing here pays to code.
STORED: dict[str, Case | Unknown] = {
    "empty": Case((b"",)),
    "empty-metadata": Case((b"",), metadata=METADATA),
    "byte": Case((b"\x9e",)),
    "noise": Case((noise(1000),)),
    "blocks": Case((noise(1000),), {"block_size": 300}),
    "blocks-no-index": Case((noise(1000),), {"block_size": 300, "index": False}),
    "metadata": Case((noise(100),), metadata=METADATA),
    "streams": Case((noise(100), b"", noise(200)), {"block_size": 100}),
    "unknown": Unknown(noise(50)),
    "recovery": Case((noise(3000),), {"block_size": 1000, "recovery": 5}),
}

MIXED = TEXT + noise(1000) + bytes(range(256)) * 8 + bytes(3000)

# Layouts of numbers (see docs/format/engine1.md): two channels of 16 bits; three bytes a pixel, rows of 120;
# big-endian.
SOUND = 1 | 1 << 3 | 1 << 5
RASTER = 2 << 5 | 120 << 9
DOUBLES = 3 | 1 << 2 | 2 << 3

PIECES = (
    (SegmentKind.TEXT, 0, words(3000)),
    (SegmentKind.RECORDS, 12, records(12, 3000)),
    (SegmentKind.BINARY, 0, program(3000)),
    (SegmentKind.BILEVEL, 16, bitmap(16, 2000)),
    (SegmentKind.RECORDS, 1, noise(40)),
    (SegmentKind.RECORDS, 300, records(300, 2001)),
    (SegmentKind.RECORDS, 65535, TEXT[:500]),
    *((SegmentKind.EXECUTABLE, instructions, program(1000)) for instructions in InstructionSet),
    (SegmentKind.SAMPLES, SOUND, wave(1501)),
    (SegmentKind.PACKED, 0, noise(300)),
    (SegmentKind.SAMPLES, RASTER, wave(2000)),
    (SegmentKind.SAMPLES, DOUBLES, noise(301)),
    (SegmentKind.TEXT, 0, TEXT[:1]),
    (SegmentKind.PACKED, 0, noise(7)),
)

# The engine, too: level 1 is component set 1, 3 is 2, 5 is 3, 8 is 4. A block of its own is of one kind.
CODED: dict[str, Case | Pieces | Flushed | OwnStart] = {
    "coded-streams": Case((TEXT, b"short", TEXT)),
    "coded-blocks": Case((MIXED,), {"block_size": 2000}),
    "holes": Case((b"a" + bytes(5000) + b"b",), metadata=Metadata(holes=(Hole(1, 4000), Hole(4002, 999)))),
    "few-bytes": Case((b"a" * 200,), {"lanes": 1000}),
    "flushed": Flushed(
        (
            (TEXT[:600], nzip.FLUSH_BLOCK),
            (TEXT[600:900], nzip.FLUSH_BLOCK),
            (TEXT, nzip.FLUSH_FRAME),
            (TEXT[:100], nzip.FLUSH_BLOCK),
        )
    ),
}
for _level, _profile in (1, 1), (3, 2), (5, 3), (8, 4):
    _options: dict[str, Any] = {"level": _level, "model": "none"}
    CODED |= {
        f"level{_level}": Case((MIXED,), _options),
        f"level{_level}-text": Case((words(8000),), _options),
        f"level{_level}-binary": Case((program(8000),), _options),
        f"level{_level}-records": Case((records(24, 12_000),), _options),
        f"level{_level}-bilevel": Case((bitmap(32, 8000),), _options),
        f"level{_level}-solid": Case((MIXED,), {**_options, "block_size": 1000, "solid": 4000}),
        **{
            f"level{_level}-lanes{lanes}": Case((TEXT,), {**_options, "lanes": lanes})
            for lanes in (2, 3, 64, 1000)
        },
        f"level{_level}-primed": Case((words(3000),), {"level": _level, "prime": PRIME}),
        **{f"pieces{_profile}-lanes{lanes}": Pieces(PIECES, _profile, lanes) for lanes in (1, 3, 64)},
    }
CODED |= {
    "primed-solid": Case(
        (MIXED,), {"level": 5, "prime": PRIME, "block_size": 2000, "solid": 300_000, "lanes": 2}
    ),
    "primed-default": Case((MIXED,), {"level": 5, "prime": "default"}),
}

UTF16 = ("\ufeff" + words(3000).decode(errors="ignore")).encode("utf-16-le")
CODED |= {
    "utf16": Case(
        (UTF16 + noise(4999) + UTF16[:9000].decode("utf-16-le").encode("utf-16-be"),), {"lanes": 2}
    ),
    "utf16-network": Case((UTF16,), {"level": 6}),
    "utf16-solid": Case((UTF16,), {"level": 3, "block_size": 2500, "solid": 6000}),
}

REPEATS = TEXT[:999] + bytes(140_000) + words(1000) + b"abc" * 50_000
CODED |= {
    "repeats": Case((REPEATS,), {"level": 1}),
    "repeats-only": Case((b"\xff" * 1_000_000,), {"level": 6, "block_size": 300_000}),
    "repeats-solid": Case((REPEATS,), {"level": 3, "model": "none", "block_size": 270_000, "solid": 290_000}),
    "repeats-utf16": Case((bytes(140_000) + UTF16,), {"level": 1}),
}

# Against the reference: text, noise, code and sound, most of which come again.
_reference = REFERENCE.read_bytes()
_version = _reference[:1500] + b"Something new. " * 3 + _reference[2000:]
CODED |= {
    "reference": Case((_version,), {"ref": REFERENCE}),
    "reference-noise": Case((noise(2000) + _reference[3000:5500],), {"ref": REFERENCE}),
    "reference-network": Case((_version[1400:1700],), {"level": 6, "ref": REFERENCE}),
    **{
        f"reference{level}": Case(
            (_version,),
            {
                "level": level,
                "model": "none",
                "ref": REFERENCE,
                "block_size": 2000,
                "solid": 5000,
                "lanes": 2,
            },
        )
        for level in (1, 3, 5, 8)
    },
    "reference-primed": Case((_version,), {"level": 5, "model": "none", "prime": PRIME, "ref": REFERENCE}),
}

# Named by their hashes.
CODED |= {
    "own-start": OwnStart(TEXT),
    "own-prime": Case((words(3000),), {"prime": OWN_PRIME}),
    "own-network": Case((TEXT[:300],), {"model": OWN_NETWORK}),
}

# With the network; short, for scalar code under emulation takes milliseconds for a byte.
CODED |= {
    "network": Case((MIXED[:1200],), {"level": 6}),
    "network-binary": Case((program(500),), {"level": 6}),
    "network-solid": Case((TEXT[:600],), {"level": 6, "block_size": 200, "solid": 400}),
    "network-fast": Case((TEXT[:300],), {"level": 1, "model": "default"}),
    "network-balanced": Case((TEXT[:300],), {"level": 3, "model": "default"}),
    "network-full": Case((TEXT[:300],), {"level": 8}),
    **{f"network-lanes{n}": Case((TEXT[:300],), {"level": 6, "lanes": n}) for n in (2, 3, 64, 1000)},
}


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
        "engine": (_block(engine=2), nzip.NzipVersionError),
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
    body = _body(record)
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


def _write(
    folder: pathlib.Path, name: str, data: bytes, expected: dict[str, Any], *, overwrite: bool
) -> None:
    path = folder / f"{name}.nz"
    if path.exists() and not overwrite:
        return
    folder.mkdir(exist_ok=True)
    path.write_bytes(data)
    manifest = folder / "manifest.json"
    entries = json.loads(manifest.read_text()) if manifest.exists() else {}
    entries[name] = expected
    manifest.write_text(json.dumps(dict(sorted(entries.items())), indent=1) + "\n")
    print(path.name, len(data))


def main(kinds: list[str], *, overwrite: bool) -> None:
    if "coded" in kinds:
        golden_models.write(overwrite=overwrite)
        golden_models.unpack()
    for kind, cases in ("stored", STORED), ("coded", CODED):
        for name, case in cases.items() if kind in kinds else ():
            digest = hashlib.sha256(case.plain).hexdigest()
            entry = {"size": len(case.plain), "sha256": digest}
            _write(FOLDER, name, case.encode(), entry, overwrite=overwrite and kind != "stored")
    for name, (data, error) in ERROR_CASES.items() if "errors" in kinds else ():
        _write(ERRORS, name, data, {"error": error.__name__}, overwrite=overwrite)
    for name, (data, error) in ARCHIVE_CASES.items() if "archives" in kinds else ():
        expected = {"members": describe(data)} if error is None else {"error": error.__name__}
        _write(ARCHIVES, name, data, expected, overwrite=overwrite)


def describe(data: bytes) -> list[list[Any]]:
    """The members of an archive, in JSON's types, with their contents' digests."""
    with Archive(io.BytesIO(data)) as archive:
        return [
            [*member[:8], _digest(archive, member), *_extras(member), *map(list, member.holes)]
            for member in archive
        ]


def _digest(archive: Archive, member: Member) -> str | None:
    return hashlib.sha256(archive.read(member)).hexdigest() if member.has_content else None


def _extras(member: Member) -> list[Any]:
    if member.owner is None and not member.xattrs:
        return []
    owner = None if member.owner is None else list(member.owner)
    return [owner, [[name, value.hex()] for name, value in member.xattrs]]


if __name__ == "__main__":
    arguments = sys.argv[1:]
    chosen = [argument for argument in arguments if argument != "--replace"]
    main(chosen or ["stored", "coded", "errors", "archives"], overwrite="--replace" in arguments)
