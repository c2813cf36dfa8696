"""The worked examples of docs/format are what the code writes, byte for byte."""

import io
import re

import pytest
from support.format_document import DOCUMENT
from support.member_tables import with_table

import nzip
from nzip.archive import Archive, Member, MemberKind
from nzip.format import extras, limits, registry
from nzip.format.block import BlockHeader, Coding, Expert, Segment, Step, parse_block
from nzip.format.checksum import checksum64
from nzip.format.members import encode_members
from nzip.pipeline import EncodeOptions, Metadata, compress_stream


def example(title):
    """The bytes of a worked example: lines of hexadecimal digits, a bar, and what they mean."""
    (block,) = re.findall(rf"Example: {title}\n\n```\n(.*?)```", DOCUMENT, re.DOTALL)
    return bytes.fromhex("".join(line.split("|")[0] for line in block.splitlines()))


def test_one_block():
    coded = io.BytesIO()
    compress_stream(io.BytesIO(b"nzip"), coded, metadata=Metadata(name=b"a.txt", mode=0o644))
    assert example("one block") == coded.getvalue()
    assert nzip.decompress(example("one block")) == b"nzip"


def test_two_blocks():
    coded = io.BytesIO()
    compress_stream(io.BytesIO(b"first,second"), coded, EncodeOptions(block_size=6))
    assert example("two blocks, an index") == coded.getvalue()
    assert nzip.decompress(example("two blocks, an index")) == b"first,second"


def test_an_archive():
    members = [
        Member("d", MemberKind.FOLDER, 0o755, 10**9),
        Member("d/a", MemberKind.FILE, 0o644, 2 * 10**9, 4, 0, checksum64(b"nzip") & 0xFFFFFFFF),
    ]
    members.append(members[1]._replace(path="d/b", kind=MemberKind.HARD_LINK, target="d/a"))
    assert example("an archive") == with_table(b"nzip", encode_members(members))
    assert Archive(io.BytesIO(example("an archive"))).members == members


def test_every_field():
    header = BlockHeader(
        1000,
        0x0807060504030201,
        200,
        Coding(
            engine=1,
            revision=300,
            profile=2,
            table_log2=22,
            segments=(Segment(0, 0, 600), Segment(2, 12, 300)),
            lanes=2,
            prime=bytes(range(16)),
            experts=(Expert(4, 5, b"\xaa\xbb"),),
            transforms=(Step(7, 1000, 900),),
            continues=True,
            keeps=True,
        ),
    )
    body = example("every field of a coded block")
    assert body.hex() == header.body().hex()
    assert parse_block(body) == header


@pytest.mark.parametrize(
    "member",
    [
        *registry.RecordType,
        *registry.EngineId,
        *registry.SegmentKind,
        *registry.TransformId,
        *registry.ExpertKind,
        *registry.MemberKind,
        *registry.MemberColumn,
    ],
)
def test_registry_numbers_are_listed(member):
    name = member.name.replace("_", " ").replace("UTF16", "UTF-16").lower()
    assert re.search(rf"\| `?(0x{member:02X}|{member:d})`? \| {name} ", DOCUMENT, re.IGNORECASE), name


def test_limits_are_listed():
    for limit, exponent in (
        (limits.MAX_BLOCK, 30),
        (limits.MAX_RUN, 31),
        (limits.MAX_BODY, 24),
        (limits.MAX_ENTRIES, 16),
    ):
        assert limit == 1 << exponent
        assert f"2^{exponent}" in DOCUMENT
    assert f"| path of a member, target of a symbolic link | {limits.MAX_PATH:,} bytes |" in DOCUMENT
    assert (extras.MAX_ID, extras.MAX_NAME, extras.MAX_VALUE) == (2**32 - 2, 255, 2**24)
    assert "| number of a user or a group | 2^32 - 2 |" in DOCUMENT
    assert "| name of a user, a group or an attribute | 255 bytes |" in DOCUMENT
    assert "| value of an attribute | 2^24 bytes |" in DOCUMENT
    assert f"{limits.MIN_TABLE_LOG2} to {limits.MAX_TABLE_LOG2}" in DOCUMENT
    assert f"1 to {limits.MAX_LANES}" in DOCUMENT


@pytest.mark.parametrize("member", registry.PackedFormatId)
def test_packed_formats_are_listed(member):
    assert re.search(rf"\| {member:d} \| \[{member.name}\]", DOCUMENT, re.IGNORECASE)
