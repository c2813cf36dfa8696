"""Archives whose members are deleted and renamed: the others stay as they were, byte for byte."""

from __future__ import annotations

import io
import os
import random
from dataclasses import replace

import pytest
from support.member_tables import FAST
from support.trees import archive_of, make_tree

import nzip
from nzip.archive import Archive, MemberKind, append, check, delete, extract, rename
from nzip.pipeline.table import BlockTable


@pytest.fixture(params=[None, 10_000], ids=["blocks", "solid"])
def options(request):
    return replace(FAST, solid=request.param)


@pytest.fixture
def tree(tmp_path):
    source = random.Random(5)
    files = {f"d/{number}": source.randbytes(source.choice([0, 100, 3000, 9000])) for number in range(40)}
    root = make_tree(tmp_path / "t", {**files, "copy": files["d/3"], "text": b"text " * 5000})
    for name in ("h1", "h2"):
        os.link(root / "d/5", root / name)
    os.symlink("text", root / "link")
    return root


def contents(archive) -> dict[str, bytes]:
    return {member.path: archive.read(member) for member in archive if member.has_content}


def test_delete(tree, options, monkeypatch):
    data = archive_of(tree, options=options)
    with Archive(data) as archive:
        whole = contents(archive)
        paths = [member.path for member in archive]
    source = random.Random(6)
    for count in (1, 5, 20, len(paths) - 2, len(paths)):
        gone = set(source.sample(paths, count))
        file = io.BytesIO()
        with monkeypatch.context() as patch, Archive(data) as old:
            patch.setattr(BlockTable, "_decode", None)
            made = delete(old, file, [member for member in old if member.path in gone])
        assert (made.members, made.coded) == (len(paths) - count, len(file.getvalue()))
        with Archive(file) as archive:
            check(archive)
            assert {member.path for member in archive} == set(paths) - gone
            assert contents(archive) == {path: whole[path] for path in whole.keys() - gone}
        nzip.decompress(file.getvalue())
        if count == len(paths):
            assert archive.blocks.plain_size == 0


def test_blocks_that_nothing_needs_are_left_out(tmp_path):
    source = random.Random(7)
    root = make_tree(tmp_path / "t", {f"{number}": source.randbytes(4096) for number in range(10)})
    file = io.BytesIO()
    with Archive(archive_of(root)) as old:
        delete(old, file, [old[name] for name in "2357"])
    with Archive(file) as archive:
        assert (len(archive.blocks), archive.blocks.plain_size) == (6, 6 * 4096)


def test_names_of_a_file_that_lose_the_first(tree, tmp_path):
    file, target = io.BytesIO(), tmp_path / "out"
    with Archive(archive_of(tree)) as old:
        first = next(member.target for member in old if member.kind == MemberKind.HARD_LINK)
        delete(old, file, [old[first]])
    with Archive(file) as archive:
        target.mkdir()
        extract(archive, str(target))
        names = [name for name in ("h1", "h2", "d/5") if name != first]
        assert os.path.samefile(*(target / name for name in names))


def test_rename(tree, options, tmp_path):
    with Archive(archive_of(tree, options=options)) as archive:
        whole = contents(archive)
    file = archive_of(tree, options=options)
    for path, new in ("d", "e/f"), ("copy", "d"), ("h1", "e/f/x"), ("link", "other"):
        with Archive(file) as old:
            file = io.BytesIO()
            assert rename(old, file, path, new).members == len(old)
    with Archive(file) as archive:
        check(archive)
        names = {path.replace("d/", "e/f/", 1): data for path, data in whole.items()}
        names["d"], names["e/f/x"] = names.pop("copy"), names.pop("h1")
        assert contents(archive) == names
        assert archive["other"].target == "text"
        (tmp_path / "out").mkdir()
        extract(archive, str(tmp_path / "out"))
    assert os.path.samefile(tmp_path / "out/e/f/x", tmp_path / "out/e/f/5")


@pytest.mark.parametrize(
    ("path", "new", "error"),
    [
        ("missing", "x", FileNotFoundError),
        ("tex", "x", FileNotFoundError),
        ("text", "copy", FileExistsError),
        ("text", "text", FileExistsError),
        ("text", "d", FileExistsError),
        ("text", "copy/x", NotADirectoryError),
        ("text", "link/x", NotADirectoryError),
        ("text", "../x", OSError),
        ("text", "", OSError),
    ],
)
def test_paths_that_cannot_be(tree, path, new, error):
    file = io.BytesIO()
    with Archive(archive_of(tree)) as old, pytest.raises(error):
        rename(old, file, path, new)
    assert file.getvalue() == b""


def test_appending_to_what_was_edited(tree):
    first, second = io.BytesIO(), io.BytesIO()
    with Archive(archive_of(tree)) as old:
        delete(old, first, [old["text"], old["d/7"]])
    with Archive(first) as old:
        append(old, second, ["."], FAST, folder=str(tree))
    with Archive(second) as archive:
        check(archive)
        assert archive.read("text") == b"text " * 5000
