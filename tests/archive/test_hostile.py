"""Archives that mean harm: nothing outside the folder is touched, and no memory is wasted on them."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys

import pytest
from support.member_tables import check_of, forged, forged_files, with_records, with_table
from support.trees import archive_of, make_tree

import nzip
from nzip.archive import Archive, Member, MemberKind, extract
from nzip.format import member_records
from nzip.format.extras import Owner
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_PATH
from nzip.format.member_records import encode_member_records
from nzip.format.members import encode_members, is_member_path, parse_members
from nzip.format.record import encode_record
from nzip.format.registry import RecordType

FILE, COPY, HARD_LINK, SYMBOLIC_LINK, FOLDER = MemberKind


def archive_with(*members: Member, plain: bytes = b"") -> bytes:
    return with_table(plain, encode_members(members))


def opened(data: bytes) -> Archive:
    return Archive(io.BytesIO(data))


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "outer" / "target"
    path.mkdir(parents=True)
    return path


def complaints_of(file, target, **options) -> dict[str, str]:
    found = {}

    def complain(path, error):
        found[path] = getattr(error, "strerror", None) or str(error)

    with opened(file) as archive:
        extract(archive, str(target), complain=complain, **options)
    return found


@pytest.mark.parametrize(
    "path",
    [b"", b".", b"..", b"/etc/passwd", b"../a", b"a/../../b", b"a/..", b"a//b", b"a/", b"./a", b"a/./b",
     b"//", b"a" * (MAX_PATH + 1)],
)  # fmt: skip
def test_paths_that_lead_out_are_refused(path):
    assert not is_member_path(path)
    with pytest.raises(nzip.NzipFormatError, match="is no path of a member"):
        opened(forged_files(path))


@pytest.mark.parametrize(
    "path", [b"a", b"...", b"a..", b"..a", b".a/b", b"a/.b", b"a\\..\\b", b"\xff/\n", b"a" * MAX_PATH]
)
def test_paths_that_only_look_so(path):
    with opened(forged_files(path)) as archive:
        assert [os.fsencode(member.path) for member in archive] == [path]


def test_one_path_twice():
    with pytest.raises(nzip.NzipFormatError, match="names 'a' twice"):
        opened(forged_files(b"a", b"b", b"a"))


def test_nothing_is_written_through_links_of_the_archive(target):
    outside = target.parent / "outside"
    outside.mkdir()
    (outside / "file").write_text("precious")
    members = [
        Member("link", SYMBOLIC_LINK, target="../outside"),
        Member("file", SYMBOLIC_LINK, target="../outside/file"),
        Member("link/new", FILE, 0o644, size=1, check=int.from_bytes(check_of(b"x"), "little")),
    ]
    for options in {}, {"any_links": True}, {"any_links": True, "overwrite": True}:
        complaints_of(archive_with(*members, plain=b"x"), target, **options)
    # Now the links are there, from an archive that came before.
    os.rename(target / "link", target / "real")
    os.symlink("../outside", target / "link")
    found = complaints_of(archive_with(*members[2:], plain=b"x"), target, overwrite=True)
    assert list(found) == ["link/new"]
    found = complaints_of(archive_with(members[2]._replace(path="file"), plain=b"x"), target, overwrite=True)
    assert (found, (target / "file").read_text()) == ({}, "x")
    assert (os.listdir(outside), (outside / "file").read_text()) == (["file"], "precious")


@pytest.mark.parametrize(
    ("path", "to", "allowed"),
    [
        ("a", "b", True),
        ("a", "./b/c", True),
        ("a", "/etc/passwd", False),
        ("a", "..", False),
        ("a", "../b", False),
        ("a", "b/../c", False),  # b may be a link
        ("d/a", "../b", True),
        ("d/a", "..", True),
        ("d/a", "../..", False),
        ("d/a", ".././../b", False),
        ("d/a", "b/..", False),
        ("d/e/a", "../../x/y", True),
        ("a", "...", True),
    ],
)
def test_links_out_of_the_folder(target, path, to, allowed):
    file = archive_with(Member(path, SYMBOLIC_LINK, mtime_ns=7, target=to))
    assert bool(complaints_of(file, target)) != allowed
    assert os.path.lexists(target / path) == allowed
    if not allowed:
        assert complaints_of(file, target, any_links=True) == {}
    assert (os.readlink(target / path), os.lstat(target / path).st_mtime_ns) == (to, 7)


def test_a_chain_of_links_stays_inside(target):
    members = [
        Member("a/b/top", SYMBOLIC_LINK, target="../.."),
        Member("sneaky", SYMBOLIC_LINK, target="a/b/top/../outside"),
    ]
    assert list(complaints_of(archive_with(*members), target)) == ["sneaky"]


def test_what_exists_is_not_replaced_without_overwrite(target):
    (target / "a").write_text("precious")
    os.symlink("nowhere", target / "b")
    (target / "c").mkdir()
    (target / "c" / "inside").write_text("precious")
    members = [Member("d", FOLDER, 0o755), Member("l", SYMBOLIC_LINK, target="a")]
    (target / "d").write_text("precious")
    (target / "l").write_text("precious")
    for file in forged_files(b"a", b"b", b"c"), archive_with(*members):
        found = complaints_of(file, target)
        assert len(found) == len(opened(file))
    assert (target / "a").read_text() == (target / "d").read_text() == "precious"
    assert os.readlink(target / "b") == "nowhere"
    found = complaints_of(forged_files(b"a", b"b", b"c"), target, overwrite=True)
    assert found == {"c": "is a folder here"}
    assert [(target / name).read_text() for name in "ab"] == ["x", "x"]
    assert complaints_of(archive_with(*members), target, overwrite=True) == {"d": "File exists"}
    assert os.readlink(target / "l") == "a"
    assert sorted(os.listdir(target)) == ["a", "b", "c", "d", "l"]


def test_setuid_bits_are_dropped(target):
    members = [
        Member("d", FOLDER, 0o7755),
        Member("f", FILE, 0o6755, check=int.from_bytes(check_of(b""), "little")),
    ]
    complaints_of(archive_with(*members), target)
    assert [os.stat(target / name).st_mode & 0o7777 for name in "df"] == [0o755, 0o755]
    if os.geteuid() == 0:
        complaints_of(archive_with(members[1]._replace(path="g")), target, special_bits=True)
        assert os.stat(target / "g").st_mode & 0o7777 == 0o6755


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="needs extended attributes")
def test_owners_and_attributes_are_restored_only_when_asked_for(target):
    owner = Owner(1234, 5678, "nobody here is called so", "")
    xattrs = (("system.nonsense", b"x"), ("user.a", b"x"))
    check = int.from_bytes(check_of(b""), "little")
    members = [
        Member("d", FOLDER, 0o755, owner=owner, xattrs=xattrs),
        Member("f", FILE, 0o4755, 0, check=check, owner=owner, xattrs=xattrs),
        Member("l", SYMBOLIC_LINK, target="f", owner=owner),
    ]
    me = os.geteuid(), os.getegid()
    assert complaints_of(archive_with(*members), target) == {}
    for name in "dfl":
        status = os.lstat(target / name)
        assert (status.st_uid, status.st_gid) == me
    assert os.listxattr(target / "d") == os.listxattr(target / "f") == []
    assert complaints_of(archive_with(*members), target, overwrite=True, xattrs=True) == {}
    assert os.listxattr(target / "f") == ["user.a"]


def test_a_file_that_does_not_get_its_owner_gets_no_special_bits(target, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    check = int.from_bytes(check_of(b""), "little")
    file = archive_with(Member("f", FILE, 0o4755, 0, check=check, owner=Owner(1234, 5678)))
    assert complaints_of(file, target, owner=True, special_bits=True) == {
        "f": "does not get its owner: Operation not permitted"
    }
    assert os.stat(target / "f").st_mode & 0o7777 == 0o755


def test_a_file_below_a_file(target):
    found = complaints_of(forged_files(b"a", b"a/b"), target)
    assert found == {"a/b": "Not a directory"}


def test_a_hard_link_whose_file_is_not_restored(target):
    file = archive_with(
        Member("a", FILE, 0o644, size=1, check=int.from_bytes(check_of(b"x"), "little")),
        Member("b", HARD_LINK, 0o644, size=1, target="a"),
        Member("c", HARD_LINK, 0o644, size=1, target="a"),
        plain=b"x",
    )
    (target / "a").write_text("other")
    assert list(complaints_of(file, target)) == ["a"]
    assert [(target / name).read_text() for name in "abc"] == ["other", "x", "x"]
    with opened(file) as archive:
        assert [member.target for member in archive] == ["", "a", "a"]
        extract(archive, str(target), [archive["c"]], overwrite=True)


HEAD = {"shared": [0], "rest": b"a\0", "mode": [0], "seconds": [0], "nanoseconds": [0]}
OWNER = b"\0\0\0\0"  # number 0, of no name
CONTENT = {"size": [1], "gap": [0], "check": check_of(b"x")}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"kind": [FILE], **HEAD, **CONTENT, "size": [2]}, "names more than the archive holds"),
        ({"kind": [FILE], **HEAD, **CONTENT, "gap": [1]}, "names more than the archive holds"),
        ({"kind": [FILE], **HEAD, **CONTENT, "size": [(1 << 63) - 1]}, "names more than the archive holds"),
        ({"kind": [FILE], **HEAD, **CONTENT, "gap": [0, 0]}, "column 8 .* has not 1 numbers"),
        ({"kind": [FILE], **HEAD, **CONTENT, "size": b"\x81"}, "column 7 .* has not 1 numbers"),
        ({"kind": [FILE], **HEAD, **CONTENT, "size": b"\x01\x81"}, "column 7 .* has not 1 numbers"),
        ({"kind": [FILE], **HEAD, **CONTENT, "size": b"\x81\x00"}, "shortest form"),
        ({"kind": [FILE], **HEAD, **CONTENT, "size": b"\xff" * 9 + b"\x01"}, "more than 63 bits"),
        ({"kind": [FILE], **HEAD, **CONTENT, "check": b"\0\0\0"}, "has not 1 checks"),
        ({"kind": [FILE], **HEAD, **CONTENT, "mode": [0o10000]}, "is not a file mode"),
        ({"kind": [FILE], **HEAD, **CONTENT, "nanoseconds": [10**9]}, "time does not fit"),
        ({"kind": [FILE], **HEAD, **CONTENT, "seconds": [(1 << 63) - 1]}, "time does not fit"),
        ({"kind": [FILE], **HEAD, **CONTENT, "rest": b"a"}, "has not 1 texts"),
        ({"kind": [FILE], **HEAD, **CONTENT, "rest": b"a\0b\0"}, "has not 1 texts"),
        ({"kind": [FILE], **HEAD, **CONTENT, "shared": [1]}, "more in common"),
        ({"kind": [FILE], **HEAD, **CONTENT, "target": b"a\0"}, "has not 0 texts"),
        ({"kind": [FILE], **HEAD}, "column 7 .* has not 1 numbers"),
        ({"kind": [COPY], **HEAD}, "a copy of nothing"),
        ({"kind": [HARD_LINK], "shared": [0], "rest": b"a\0"}, "a hard link of nothing"),
        ({"kind": [SYMBOLIC_LINK], **HEAD, "mode": [], "target": b"\0"}, "a symbolic link to 0 bytes"),
        ({"kind": [SYMBOLIC_LINK], **HEAD, "mode": [], "target": b"a" * 65536 + b"\0"}, "to 65536 bytes"),
        ({"kind": [FOLDER], **HEAD, "owner": [1]}, "column 11 .* goes too far"),
        ({"kind": [FOLDER], **HEAD, "owner": [2], "owners": OWNER}, "column 11 .* goes too far"),
        ({"kind": [FOLDER], **HEAD, "owner": [0, 0], "owners": OWNER}, "column 11 .* has not 1 numbers"),
        ({"kind": [FOLDER], **HEAD, "owners": OWNER[:-1]}, "ends inside a value"),
        ({"kind": [FOLDER], **HEAD, "owners": [2**32 - 1, 0, 0, 0]}, "no owner has the numbers"),
        ({"kind": [FOLDER], **HEAD, "owners": [0, 2**63 - 1, 0, 0]}, "no owner has the numbers"),
        ({"kind": [FOLDER], **HEAD, "owners": b"\0\0\1\0\0"}, "is no name"),
        ({"kind": [FOLDER], **HEAD, "owners": [0, 0, 256]}, "a text of 256 bytes"),
        ({"kind": [FOLDER], **HEAD, "attributes": [1]}, "column 13 .* goes too far"),
        ({"kind": [SYMBOLIC_LINK], **HEAD, "mode": [], "target": b"a\0", "attributes": [1],
            "attribute_sets": b"\1\1a\0"}, "column 13 .* has not 0 numbers"),
        ({"kind": [FOLDER], **HEAD, "attribute_sets": [0]}, "not in the order of their names"),
        ({"kind": [FOLDER], **HEAD, "attribute_sets": b"\1\0\0"}, "not in the order of their names"),
        ({"kind": [FOLDER], **HEAD, "attribute_sets": b"\2\1b\0\1a\0"}, "not in the order of their names"),
        ({"kind": [FOLDER], **HEAD, "attribute_sets": b"\2\1a\0\1a\0"}, "not in the order of their names"),
        ({"kind": [FOLDER], **HEAD, "attribute_sets": b"\1\1\0\0"}, "is no name"),
        ({"kind": [FOLDER], **HEAD, "attribute_sets": [1, 256]}, "a text of 256 bytes"),
        ({"kind": [FOLDER], **HEAD, "attribute_sets": [1, 1, 97, (1 << 24) + 1]}, "a text of 16777217 bytes"),
        ({"kind": [FOLDER], **HEAD, "attribute_sets": [2**62]}, "ends inside a value"),
    ],
)  # fmt: skip
def test_tables_that_break_a_rule(columns, message):
    with pytest.raises(nzip.NzipFormatError, match=message):
        opened(forged(b"x", **columns))


def test_a_kind_of_the_future_is_named():
    with pytest.raises(nzip.NzipVersionError, match="member kind 5 is not known"):
        opened(forged(b"x", kind=[5], **HEAD))


def test_columns_of_the_future_are_skipped():
    table = encode_members([Member("a", FOLDER)])
    assert parse_members(table + encode_varint(99) + encode_varint(3) + b"xyz", 0, 1 << 20) == [
        Member("a", FOLDER)
    ]
    with pytest.raises(nzip.NzipFormatError, match=r"column 1 .* twice"):
        parse_members(table + encode_varint(1) + encode_varint(0), 0, 1 << 20)
    with pytest.raises(nzip.NzipFormatError, match="ends inside a column"):
        parse_members(table + encode_varint(99) + encode_varint(3) + b"xy", 0, 1 << 20)


def test_a_false_check_is_noticed(target):
    file = archive_with(Member("a", FILE, 0o644, size=1, check=1), plain=b"x")
    assert complaints_of(file, target) == {"a": "its checksum does not match"}
    assert os.listdir(target) == []


def test_files_that_are_no_archives(tmp_path):
    with pytest.raises(nzip.NzipFormatError, match="no member table"):
        opened(nzip.compress(b"text", 1))
    with pytest.raises(nzip.NzipFormatError, match="not nzip data"):
        opened(b"text")
    with pytest.raises(nzip.NzipTruncatedError):
        opened(b"")
    one = archive_of(make_tree(tmp_path, {"a": b"a"})).getvalue()
    many = archive_of(make_tree(tmp_path, {"b": os.urandom(5000), "c": os.urandom(5000)})).getvalue()
    for several in one + one, many + many, one + many, many + one, nzip.compress(b"text", 1) + many:
        with pytest.raises(nzip.NzipFormatError):
            opened(several)


@pytest.mark.parametrize("where", ["table", "record", "end"])
def test_every_truncation_and_damage_of_the_table_is_noticed(tmp_path, where):
    data = archive_of(make_tree(tmp_path, {f"{n}": b"x" * n for n in range(100)})).getvalue()
    start = data.rindex(bytes([0x9E, RecordType.MEMBERS]))
    for at in range(start, len(data), 7 if where == "table" else 13):
        damaged = bytearray(data)
        if where == "end":
            del damaged[at:]
        else:
            damaged[at] ^= 0x40
        with pytest.raises(nzip.NzipError):
            opened(bytes(damaged))


def test_tables_that_decode_wrongly():
    coded = encode_member_records(b"")[3:-4]
    for body in b"", b"\xff" * 10, coded + b"more", coded[:-1], b"\x01\xff\xff" + b"a" * 10:
        data = with_records(b"x", encode_record(RecordType.MEMBERS, body))
        with pytest.raises(nzip.NzipFormatError, match="the member table does not decode"):
            opened(data)


def test_a_table_of_several_records(monkeypatch):
    """Noise, since that is what makes a table large."""
    rest = os.urandom(200_000).replace(b"\0", b"x").replace(b"/", b"x")
    count = 4
    columns = {
        "kind": [FOLDER] * count,
        "shared": [0] * count,
        "rest": b"".join(rest[at : at + 50_000] + b"\0" for at in range(0, 200_000, 50_000)),
        "mode": [0] * count,
        "seconds": [0] * count,
        "nanoseconds": [0] * count,
    }
    whole = forged(b"", **columns)
    monkeypatch.setattr(member_records, "MAX_BODY", 1000)
    parts = forged(b"", **columns)
    assert parts.count(bytes([0x9E, RecordType.MEMBERS])) > 150
    assert opened(parts).members == opened(whole).members


MEMBERS = 100_000


def bombs() -> dict[str, bytes]:
    """Tables of a few kilobytes that stand for many megabytes."""
    zeros = bytes(MEMBERS)
    common = {"mode": zeros, "seconds": zeros, "nanoseconds": zeros}
    return {
        "members": forged(b"", kind=bytes([FOLDER]) * MEMBERS, shared=zeros, rest=b"a\0" * MEMBERS, **common),
        "paths": forged(
            b"",
            kind=bytes([FOLDER]) * 20_000,
            shared=[0] + [60_000] * 19_999,
            rest=b"a" * 60_000 + b"\0" + b"\0".join(b"%d" % n for n in range(19_999)) + b"\0",
            **dict.fromkeys(common, zeros[:20000]),
        ),
        "owners": forged(b"", owners=bytes(4) * 60_000),
        "attributes": forged(b"", attribute_sets=b"\1\1a\0" * 60_000),
        "zeros": with_table(b"", bytes(30 << 20)),
        "records": with_records(b"", encode_record(RecordType.MEMBERS, bytes(1 << 20)) * 21),
    }


def test_bombs_are_refused_before_they_go_off(tmp_path):
    """In a process that may not have the memory that they would take."""
    for name, file in bombs().items():
        path = tmp_path / name
        path.write_bytes(file)
        assert len(file) < 200_000 or name == "records"
        script = (
            "import sys, nzip, nzip.archive\n"
            "try: nzip.archive.Archive(sys.argv[1], memory_limit=20_000_000)\n"
            "except nzip.NzipMemoryError: print('refused')"
        )
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (500 << 20, 500 << 20))  # noqa: E731
        result = subprocess.run(
            [sys.executable, "-c", script, path],
            cwd=tmp_path,  # not the checkout, where nzip lies without its native part
            capture_output=True,
            check=False,
            preexec_fn=limit,
        )
        assert (result.stdout, result.stderr) == (b"refused\n", b""), name
