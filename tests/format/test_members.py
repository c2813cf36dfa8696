"""The member table: what is written is read again, and whatever else there is is refused."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nzip
from nzip.format.extras import Owner
from nzip.format.holes import Hole
from nzip.format.members import Member, encode_members, is_member_path, parse_members
from nzip.format.registry import MemberColumn, MemberKind

names = st.binary(min_size=1, max_size=5).filter(lambda name: is_member_path(name) and b"/" not in name)
paths = st.lists(names, min_size=1, max_size=3).map(lambda parts: os.fsdecode(b"/".join(parts)))
modes = st.integers(0, 0o7777)
times = st.integers(-(2**63), 2**63 - 1)
ids = st.integers(0, 2**32 - 2)
labels = st.binary(max_size=9).map(lambda text: os.fsdecode(text.replace(b"\0", b"x")))
owners = st.none() | st.builds(Owner, ids, ids, labels, labels)
xattrs = st.dictionaries(st.binary(min_size=1, max_size=9), st.binary(max_size=9), max_size=3).map(
    lambda found: tuple((os.fsdecode(name), found[name]) for name in sorted(found) if b"\0" not in name)
)
texts = st.binary(min_size=1, max_size=9).map(lambda text: os.fsdecode(text.replace(b"\0", b"x")))


HOLES = (), (Hole(0, 1),), (Hole(1, 2), Hole(4, 2))


@st.composite
def tables(draw):
    members, end, content = [], 0, None
    for path in draw(st.lists(paths, unique=True, max_size=12)):
        kind = draw(st.sampled_from(MemberKind))
        if kind in (MemberKind.COPY, MemberKind.HARD_LINK) and content is None:
            kind = MemberKind.FILE
        if kind == MemberKind.FOLDER:
            folder = Member(path, kind, draw(modes), draw(times), owner=draw(owners), xattrs=draw(xattrs))
            members.append(folder)
        elif kind == MemberKind.SYMBOLIC_LINK:
            members.append(Member(path, kind, 0, draw(times), target=draw(texts), owner=draw(owners)))
        else:
            if kind == MemberKind.FILE:
                offset, size = end + draw(st.integers(0, 300)), draw(st.integers(0, 2**40))
                check = draw(st.integers(0, 2**32 - 1))
                content = Member(path, kind, draw(modes), draw(times), size, offset, check)
                content = content._replace(owner=draw(owners), xattrs=draw(xattrs))
                if size > 5:
                    content = content._replace(holes=draw(st.sampled_from(HOLES)))
                end = offset + size
            elif kind == MemberKind.COPY:
                if not content.size:
                    continue
                content = content._replace(
                    path=path, kind=MemberKind.FILE, mode=draw(modes), mtime_ns=draw(times), target=""
                )
                content = content._replace(owner=draw(owners), xattrs=draw(xattrs))
            else:
                content = content._replace(path=path, kind=kind, target=content.target or content.path)
            members.append(content)
    return members, end


@settings(max_examples=150, deadline=None)
@given(tables())
def test_round_trip(drawn):
    members, end = drawn
    assert parse_members(encode_members(members), end, 1 << 30) == members


def test_what_nobody_asked_for_costs_nothing():
    members = [Member("a", MemberKind.FOLDER), Member("b", MemberKind.FOLDER)]
    assert encode_members(members).endswith(bytes([MemberColumn.TARGET, 0]))
    owned = [member._replace(owner=Owner(1, 2, "me", "us")) for member in members]
    expected = bytes.fromhex("0b020101 0c08 01 02 026d65 027573")
    assert encode_members(owned) == encode_members(members) + expected
    labelled = [members[0]._replace(xattrs=(("user.a", b"x"),)), members[1]]
    expected = bytes.fromhex("0d020100 0e0a 01 06757365722e61 0178")
    assert encode_members(labelled) == encode_members(members) + expected


@pytest.mark.parametrize(
    "extras",
    [
        {"owner": Owner(2**32 - 1, 0)},
        {"owner": Owner(0, -1)},
        {"owner": Owner(0, 0, "a\0b")},
        {"owner": Owner(0, 0, "", "g" * 256)},
        {"xattrs": (("", b""),)},
        {"xattrs": (("a\0", b""),)},
        {"xattrs": (("a" * 256, b""),)},
        {"xattrs": (("b", b""), ("a", b""))},
        {"xattrs": (("a", b""), ("a", b""))},
        {"xattrs": (("a", bytes((1 << 24) + 1)),)},
    ],
)
def test_what_no_reader_would_take_is_not_written(extras):
    with pytest.raises(ValueError, match=r"owner|name|order|attribute"):
        encode_members([Member("a", MemberKind.FOLDER)._replace(**extras)])


def test_changed_tables_are_refused_or_read_but_nothing_else():
    source = random.Random(1)
    table = encode_members(
        [
            Member("folder", MemberKind.FOLDER, 0o755, 10**18, owner=Owner(1, 2, "me", "us")),
            Member("folder/file", MemberKind.FILE, 0o644, 10**18, 1000, 0, 77, xattrs=(("user.a", b"x"),)),
            Member("folder/link", MemberKind.HARD_LINK, 0o644, 10**18, 1000, 0, 77, "folder/file"),
            Member("other", MemberKind.SYMBOLIC_LINK, 0, -1, target="folder/file"),
        ]
    )
    accepted = 0
    for _ in range(3000):
        changed = bytearray(table)
        for _ in range(source.randrange(1, 4)):
            at = source.randrange(len(changed))
            changed[at : at + source.randrange(2)] = source.randbytes(source.randrange(3))
        try:
            members = parse_members(bytes(changed), 5000, 1 << 20)
        except nzip.NzipError:
            continue
        accepted += 1
        assert all(is_member_path(os.fsencode(member.path)) for member in members)
        assert all(member.offset + member.size <= 5000 for member in members)
    assert accepted > 100
