"""Owners, extended attributes and ACLs: kept where asked for."""

from __future__ import annotations

import io
import os
import struct

import pytest
from support.member_tables import FAST
from support.trees import archive_of, make_tree

from nzip.archive import (
    Archive,
    ArchiveWarning,
    Owner,
    Patterns,
    Selection,
    append,
    create,
    extract,
    owners_and_xattrs,
)
from nzip.format.extras import encode_owners, parse_owners

BOTH = Selection(owner=True, xattrs=True)

needs_xattrs = pytest.mark.skipif(not hasattr(os, "setxattr"), reason="needs extended attributes")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def kept(root, *paths, selection=BOTH, **options):
    file = io.BytesIO()
    create(file, paths or ["."], FAST, folder=str(root), selection=selection, **options)
    return file


def acl(user: int) -> bytes:
    """One more user may read."""
    entries = (1, 6, 2**32 - 1), (2, 4, user), (4, 4, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1)
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@pytest.fixture
def tree(tmp_path):
    root = make_tree(tmp_path / "t", {"a": b"a", "b": b"a", "c": b"", "d/e": b"e"})
    os.symlink("a", root / "link")
    os.link(root / "a", root / "hard")
    return root


@needs_xattrs
def test_attributes_come_back(tree, tmp_path):
    for name in "a", "d":
        os.setxattr(tree / name, "user.comment", b"of " + name.encode())
        os.setxattr(tree / name, "user.empty", b"")
    os.setxattr(tree / "a", "system.posix_acl_access", acl(1234))
    os.setxattr(tree / "d", "system.posix_acl_default", acl(1234))
    os.setxattr(tree / "b", "user.comment", b"read only")
    os.chmod(tree / "b", 0o400)
    with Archive(kept(tree)) as archive:
        extract(archive, str(tmp_path / "out"), xattrs=True)
        extract(archive, str(tmp_path / "plain"))
    for path in tree.rglob("*"):
        restored = tmp_path / "out" / path.relative_to(tree)
        if not path.is_symlink():
            assert owners_and_xattrs.xattrs_of(str(restored)) == owners_and_xattrs.xattrs_of(str(path))
            assert os.stat(restored).st_mode == os.stat(path).st_mode
            assert os.listxattr(tmp_path / "plain" / path.relative_to(tree)) == []
    assert len(owners_and_xattrs.xattrs_of(str(tree / "a"))) == 3
    with Archive(archive_of(tree)) as archive:
        assert {member.xattrs for member in archive} == {()}


@as_root
def test_owners_come_back(tree, tmp_path):
    os.chown(tree / "a", 1234, 5678)
    os.chown(tree / "d", 1234, 0)
    os.chown(tree / "link", 4321, 1, follow_symlinks=False)
    os.chmod(tree / "a", 0o6755)
    with Archive(kept(tree)) as archive:
        assert archive["a"].owner == archive["hard"].owner == Owner(1234, 5678)
        assert archive["b"].owner == Owner(0, 0, "root", owners_and_xattrs.owner_of(os.stat("/")).group)
        extract(archive, str(tmp_path / "out"), owner=True, special_bits=True)
        extract(archive, str(tmp_path / "plain"))
    for path in tree.rglob("*"):
        found, restored = os.lstat(path), os.lstat(tmp_path / "out" / path.relative_to(tree))
        for name in "st_uid", "st_gid", "st_mode":
            assert getattr(restored, name) == getattr(found, name)
        assert os.lstat(tmp_path / "plain" / path.relative_to(tree)).st_uid == 0


@as_root
@needs_xattrs
def test_root_keeps_what_is_the_systems(tree, tmp_path, monkeypatch):
    capability = bytes.fromhex("0100000200040000000000000000000000000000")
    os.chown(tree / "a", 1234, 1234)  # which takes capabilities away
    os.setxattr(tree / "a", "trusted.a", b"x")
    os.setxattr(tree / "a", "security.capability", capability)
    with Archive(kept(tree)) as archive:
        assert [name for name, _ in archive["a"].xattrs] == ["security.capability", "trusted.a"]
        extract(archive, str(tmp_path / "out"), owner=True, xattrs=True)
        assert os.getxattr(tmp_path / "out/a", "security.capability") == capability
        monkeypatch.setattr(os, "geteuid", lambda: 1234)
        extract(archive, str(tmp_path / "plain"), xattrs=True)
        assert os.listxattr(tmp_path / "plain/a") == []
        assert owners_and_xattrs.xattrs_of(str(tree / "a")) == ()


def test_names_count_before_numbers():
    root = owners_and_xattrs.owner_of(os.stat("/"))
    assert owners_and_xattrs.numbers_of(Owner(77, 78, root.user, root.group)) == (root.uid, root.gid)
    assert owners_and_xattrs.numbers_of(Owner(77, 78, "nobody is called so", "")) == (77, 78)


def test_numbers_and_names_that_no_archive_holds(monkeypatch):
    class Status:
        st_uid, st_gid = -1, 2**32 - 1

    monkeypatch.setattr(owners_and_xattrs, "_user", lambda _: "u" * 256)
    monkeypatch.setattr(owners_and_xattrs, "_group", lambda _: "g" * 255)
    owner = owners_and_xattrs.owner_of(Status)
    assert owner == Owner(2**32 - 2, 2**32 - 2, "", "g" * 255)
    assert parse_owners(encode_owners([owner]), lambda _: None) == [owner]


@needs_xattrs
def test_what_the_file_system_refuses_is_told(tree, tmp_path, monkeypatch):
    os.setxattr(tree / "a", "user.a", b"x")

    def refuse(*_, **__):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "setxattr", refuse)
    told = {}
    with Archive(kept(tree, "a")) as archive:
        extract(archive, str(tmp_path / "out"), xattrs=True, complain=told.__setitem__)
    assert str(told["a"]) == "does not get its attribute user.a: Operation not supported"
    assert isinstance(told["a"], ArchiveWarning)
    assert (tmp_path / "out/a").read_bytes() == b"a"
    monkeypatch.setattr(os, "listxattr", refuse)
    assert owners_and_xattrs.xattrs_of(str(tree / "a")) == ()


@needs_xattrs
def test_append_notices_what_was_asked_for(tree):
    def appended(file, selection):
        new = io.BytesIO()
        with Archive(file) as old:
            made = append(old, new, ["."], FAST, folder=str(tree), selection=selection, always=False)
        return new if made.changed else None

    plain = archive_of(tree)
    assert appended(plain, Selection()) is None
    owned = appended(plain, Selection(owner=True))
    assert owned is not None
    assert appended(owned, Selection(owner=True)) is None
    assert appended(owned, Selection()) is None  # what is there stays
    os.setxattr(tree / "b", "user.a", b"x")
    assert appended(owned, Selection(owner=True)) is None
    both = appended(owned, BOTH)
    with Archive(both) as archive:
        assert archive["b"].xattrs == (("user.a", b"x"),)
        assert archive["b"].owner is not None
        assert archive.blocks.plain_size == 2
    assert appended(both, BOTH) is None


def test_exclusion(tree):
    make_tree(tree, {"d/x.tmp": b"", "d/cache/deep/f": b"", "cache/f": b"", "x.tmp/f": b""})
    selection = Selection(Patterns(["*.tmp", "d/cache", "./nothing"]))
    told = []
    with Archive(kept(tree, selection=selection, complain=lambda *what: told.append(what))) as archive:
        paths = {member.path for member in archive}
    assert paths == {"a", "b", "c", "d", "d/e", "hard", "link", "cache", "cache/f"}
    with Archive(kept(tree, "d/cache/deep", "x.tmp", selection=selection)) as archive:
        assert [member.path for member in archive] == ["d/cache/deep", "d/cache/deep/f"]
    assert told == []
