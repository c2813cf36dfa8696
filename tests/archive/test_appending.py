"""Files that are added to an archive: what is read anew, what is replaced, and what stays."""

from __future__ import annotations

import io
import os

from support.member_tables import FAST
from support.trees import archive_of, make_tree

from nzip.archive import (
    Archive,
    Made,
    MemberKind,
    append,
    check,
    extract,
    verify,
    writer,
)
from nzip.pipeline.table import BlockTable


def test_append(tmp_path):
    root = make_tree(tmp_path / "t", {"a": b"a" * 5000, "b": b"b" * 5000, "c": b"same content"})
    os.link(root / "b", root / "b2")
    os.link(root / "b", root / "b3")
    first = archive_of(root)
    make_tree(root, {"a": b"new a", "d": b"b" * 5000, "new/e": b"e", "f": b"same content"})
    os.unlink(root / "b")
    (root / "b").write_bytes(b"new b")
    second = io.BytesIO()
    with Archive(first) as old:
        append(old, second, ["a", "b", "c", "d", "new", "f"], FAST, folder=str(root))
        plain_before = old.blocks.plain_size
    with Archive(second) as archive:
        check(archive)
        assert list(verify(archive, str(root))) == []
        assert (archive["b3"].kind, archive["b3"].target) == (MemberKind.HARD_LINK, "b2")
        assert archive.blocks.plain_size == plain_before + len(b"new a" + b"new b" + b"e")
        target = tmp_path / "out"
        target.mkdir()
        extract(archive, str(target))
        assert os.path.samefile(target / "b2", target / "b3")
        assert (target / "d").read_bytes() == b"b" * 5000


def test_append_keeps_what_cannot_be_read_anew(tmp_path, monkeypatch):
    root = make_tree(tmp_path / "t", {"a": b"old", "b": b"b"})
    first, second = archive_of(root), io.BytesIO()

    def vanish(_):
        raise PermissionError(13, "Permission denied")

    (root / "a").write_bytes(b"newer")
    monkeypatch.setattr(writer, "open_regular", vanish)
    with Archive(first) as old:
        append(old, second, ["a"], FAST, folder=str(root), complain=lambda *_: None)
    assert Archive(second).read("a") == b"old"


def test_append_compares_size_and_time(tmp_path, monkeypatch):
    root = make_tree(tmp_path / "t", {"a": b"old", "b": b"b", "d/e": b"e", "x": b"x", "y": b"x"})
    os.link(root / "a", root / "hard")
    os.symlink("a", root / "link")
    first = archive_of(root)
    read = []
    original = writer.open_regular
    monkeypatch.setattr(writer, "open_regular", lambda path: read.append(path) or original(path))
    monkeypatch.setattr(BlockTable, "chosen_blocks", None)  # no old block is decoded

    def appended(*paths, **options):
        read.clear()
        file = io.BytesIO()
        with Archive(first) as old:
            made = append(old, file, paths or ["."], FAST, folder=str(root), **options)
        return made, file

    made, file = appended(always=False)
    assert (made, read, file.getvalue()) == (Made(8, 10, 0, changed=False), [], b"")
    made, file = appended()
    assert (made.changed, read, Archive(file).members) == (True, [], Archive(first).members)
    for names in ["hard"], ["hard", "a"], ["x"], ["d"]:  # in any order and choice
        assert not appended(*names, always=False)[0].changed

    os.chmod(root / "b", 0o600)  # which changes no time
    made, file = appended(always=False)
    assert (made.changed, read) == (True, [])
    assert Archive(file)["b"].mode == 0o600

    before = os.stat(root / "a")
    (root / "a").write_bytes(b"new")
    os.utime(root / "a", ns=(0, before.st_mtime_ns))
    made, file = appended(always=False)
    assert Archive(file).read("a") == b"old"  # nobody could know
    made, file = appended(checksum=True)
    assert Archive(file).read("a") == Archive(file).read("hard") == b"new"
    monkeypatch.undo()
    os.chmod(root / "b", 0o644)
    (root / "a").write_bytes(b"old")
    os.utime(root / "a", ns=(0, before.st_mtime_ns))
    assert not appended(checksum=True, always=False)[0].changed


def test_append_notices_what_is_linked_anew(tmp_path):
    root = make_tree(tmp_path / "t", {"a": b"one", "c": b"two"})
    os.link(root / "a", root / "b")
    os.link(root / "c", root / "d")
    file = archive_of(root)
    for name in "bd":
        time = os.stat(root / name).st_mtime_ns
        data = (root / name).read_bytes()
        (root / name).unlink()
        (root / name).write_bytes(data)
        os.utime(root / name, ns=(0, time))
    (root / "a").unlink()
    os.link(root / "b", root / "a")
    second = io.BytesIO()
    with Archive(file) as old:
        assert append(old, second, ["."], FAST, folder=str(root), always=False).changed
    (tmp_path / "out").mkdir()
    with Archive(second) as archive:
        assert archive.blocks.plain_size == 6
        extract(archive, str(tmp_path / "out"))
    assert os.path.samefile(tmp_path / "out/a", tmp_path / "out/b")
    assert not os.path.samefile(tmp_path / "out/c", tmp_path / "out/d")


def test_append_to_an_archive_of_no_or_one_block(tmp_path):
    root = make_tree(tmp_path / "t", {"a": b"a", "b": b"b", "c": b"c"})
    file = archive_of(tmp_path / "t", "a")
    for name in "bc":
        with Archive(file) as old:
            file = io.BytesIO()
            append(old, file, [name], FAST, folder=str(root))
    with Archive(file) as archive:
        assert {member.path: archive.read(member) for member in archive} == {"a": b"a", "b": b"b", "c": b"c"}
