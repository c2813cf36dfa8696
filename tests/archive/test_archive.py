"""What goes into an archive comes out of it, and as it was."""

from __future__ import annotations

import io
import os
import random
import stat
import tempfile
from pathlib import Path

import pytest
from support.far_times import AFTER, BEFORE, give_far_time
from support.member_tables import FAST
from support.trees import archive_of, make_tree

import nzip
from nzip.archive import (
    Archive,
    ArchiveWarning,
    append,
    check,
    create,
    extract,
    member_table,
    verify,
    writer,
)
from nzip.pipeline.table import BlockTable


def status(path):
    found = os.lstat(path)
    return stat.S_IFMT(found.st_mode), stat.S_IMODE(found.st_mode), found.st_mtime_ns


@pytest.fixture
def tree(tmp_path):
    """One of everything."""
    root = make_tree(
        tmp_path / "tree",
        {
            "empty": b"",
            "a.txt": b"some text\n" * 50,
            "deep/er/b.txt": b"other text\n" * 50,
            "deep/copy of a.txt": b"some text\n" * 50,
            "noise": random.Random(1).randbytes(10_000),
            "Grüße/日本": b"unicode",
            "line\nbreak": b"newline",
            "also empty": b"",
        },
    )
    (root / "empty folder").mkdir()
    with open(os.path.join(os.fsencode(root), b"not \xff utf-8 \xe9"), "wb") as file:
        file.write(b"latin")
    os.link(root / "a.txt", root / "deep/linked")
    os.symlink("a.txt", root / "link")
    os.symlink("../link", root / "deep/up")
    os.symlink("nowhere", root / "dangling")
    os.chmod(root / "a.txt", 0o640)
    os.chmod(root / "noise", 0o4755)
    for number, folder in enumerate(sorted(root.rglob("*"), reverse=True)):
        os.utime(folder, ns=(0, -5 if number == 3 else number * 1_234_567_891_234), follow_symlinks=False)
    os.chmod(root / "deep/er", 0o555)
    return root


def test_everything_comes_back(tree, tmp_path):
    file = archive_of(tree)
    target = tmp_path / "out"
    target.mkdir()
    with Archive(file) as archive:
        assert extract(archive, str(target)) == len(archive) == 17
        check(archive)
        assert list(verify(archive, str(tree))) == []
    for path in tree.rglob("*"):
        restored = target / path.relative_to(tree)
        kind, mode, mtime = status(path)
        assert status(restored) == (kind, mode & 0o777, mtime)
        if path.is_symlink():
            assert os.readlink(path) == os.readlink(restored)
        elif path.is_file():
            assert path.read_bytes() == restored.read_bytes()
    assert os.path.samefile(target / "a.txt", target / "deep/linked")
    assert not os.path.samefile(target / "a.txt", target / "deep/copy of a.txt")
    os.chmod(target / "deep/er", 0o755)
    os.chmod(tree / "deep/er", 0o755)


def test_it_is_an_ordinary_stream(tree):
    file = archive_of(tree, "a.txt", "noise", "deep/copy of a.txt")
    plain = nzip.decompress(file.getvalue())
    assert sorted([plain[:10_000], plain[10_000:]]) == sorted(
        (tree / name).read_bytes() for name in ("a.txt", "noise")
    )  # and the copy is not stored


def test_members_are_files(tree):
    with Archive(archive_of(tree)) as archive:
        data = (tree / "noise").read_bytes()
        with archive.open("noise") as file, archive.open(archive["a.txt"]) as other:
            assert file.read(10) == data[:10]
            assert other.readline() == b"some text\n"
            assert file.seek(-7, os.SEEK_END) == 9993
            assert file.read() == data[-7:]
            file.seek(9999)
            assert [file.read(5), file.read(5)] == [data[9999:], b""]
            assert (file.seek(20_000), file.read()) == (20_000, b"")
        assert archive.read("deep/linked") == archive.read("deep/copy of a.txt") == b"some text\n" * 50
        assert archive.read("empty") == b""
        assert archive["deep/linked"].target in ("a.txt", "") or archive["a.txt"].target == "deep/linked"
        with pytest.raises(ValueError, match="is a folder"):
            archive.open("deep")
        with pytest.raises(KeyError):
            archive.open("missing")


def test_one_member_costs_its_own_block(tmp_path, monkeypatch):
    root = make_tree(tmp_path / "t", {f"{n}": random.Random(n).randbytes(3000) for n in range(10)})
    read = []
    original = BlockTable.read_block
    monkeypatch.setattr(BlockTable, "read_block", lambda self, n: read.append(n) or original(self, n))
    with Archive(archive_of(root)) as archive:
        assert len(archive.blocks) == 10  # no member lies in two blocks
        assert read == []
        assert archive.read("7") == (root / "7").read_bytes()
        assert len(read) == 1


def test_solid_archives(tmp_path):
    root = make_tree(tmp_path / "t", {f"{n}.txt": b"text of number %d\n" % n * 200 for n in range(9)})
    options = nzip.EncodeOptions(level=1, threads=1, block_size=4096, solid=10_000)
    with Archive(archive_of(root, options=options)) as archive:
        for member in reversed(archive.members):
            assert archive.read(member) == (root / member.path).read_bytes()
        check(archive, threads=2)


def test_threads_and_pieces_change_nothing(tmp_path):
    root = make_tree(tmp_path / "t", {f"{n}.txt": b"text of number %d\n" % n * 200 for n in range(20)})
    one = archive_of(root)
    two = archive_of(root, options=nzip.EncodeOptions(level=1, threads=2, block_size=4096))
    assert one.getvalue() == two.getvalue()


def test_names_lose_what_leads_out(tmp_path):
    root = make_tree(tmp_path / "t", {"a/b": b"b", "c": b"c"})
    with Archive(archive_of(root / "a", "../c", str(root / "a" / "b"))) as archive:
        assert sorted(member.path for member in archive) == sorted(["c", f"{str(root)[1:]}/a/b"])


def test_what_is_given_twice_is_stored_once(tmp_path):
    root = make_tree(tmp_path / "t", {"a/b": b"b"})
    with Archive(archive_of(root, "a", "a/b", "./a")) as archive:
        assert [member.path for member in archive] == ["a", "a/b"]


def test_two_files_with_one_name(tmp_path):
    root = make_tree(tmp_path / "t", {"x": b"one", "below/x": b"two"})
    complaints = []
    create(
        io.BytesIO(),
        ["x", "../x"],
        FAST,
        folder=str(root / "below"),
        complain=lambda path, error: complaints.append((path, type(error))),
    )
    assert complaints == [(str(root / "below/../x"), ArchiveWarning)]


def test_pipes_and_what_is_missing_are_told_and_left_out(tmp_path):
    root = make_tree(tmp_path / "t", {"a": b"a"})
    os.mkfifo(root / "pipe")
    complaints = {}
    file = io.BytesIO()
    create(file, [".", "missing"], FAST, folder=str(root), complain=complaints.__setitem__)
    assert {os.path.basename(path): type(error) for path, error in complaints.items()} == {
        "pipe": ArchiveWarning,
        "missing": FileNotFoundError,
    }
    assert [member.path for member in Archive(file)] == ["a"]
    with pytest.raises(FileNotFoundError):
        create(io.BytesIO(), ["missing"], FAST, folder=str(root))


def test_an_archive_does_not_hold_itself(tmp_path):
    make_tree(tmp_path, {"a": b"a"})
    with open(tmp_path / "self.nza", "wb+") as file:
        create(file, ["."], FAST, folder=str(tmp_path))
        assert [member.path for member in Archive(file)] == ["a"]
    told = []
    with open(tmp_path / "self.nza", "wb+") as file:
        names = ["self.nza", "a"]
        create(file, names, FAST, folder=str(tmp_path), complain=lambda _, error: told.append(str(error)))
        assert [member.path for member in Archive(file)] == ["a"]
    assert told == ["is the archive itself, and left out"]


def test_what_is_not_complete_is_no_member(tmp_path):
    left = ".nzip-0123456789abcdef.tmp"
    make_tree(tmp_path, {"a": b"a", left: b"half", f"b/{left}": b"half", "b/.nzip-1.tmp": b"a user's own"})
    with Archive(archive_of(tmp_path)) as archive:
        assert [member.path for member in archive] == ["b", "a", "b/.nzip-1.tmp"]
    with pytest.raises(ArchiveWarning, match="not completed"):
        archive_of(tmp_path, left)


def test_an_empty_archive(tmp_path):
    with Archive(archive_of(tmp_path)) as archive:
        assert (list(archive), extract(archive, str(tmp_path))) == ([], 0)


def test_a_file_that_shrinks_and_one_that_grows(tmp_path, monkeypatch):
    """What was read is what is stored; nothing of the others moves."""
    root = make_tree(tmp_path / "t", {"a": b"a" * 100, "b": b"b" * 100, "c": b"c" * 50})
    original = writer.ArchiveWriter._store

    def change_first(self, entry):
        if entry.member.path == "b":
            (root / "b").write_bytes(b"longer" * 100)
        return original(self, entry)

    monkeypatch.setattr(writer.ArchiveWriter, "_store", change_first)
    with Archive(archive_of(root)) as archive:
        assert archive.read("b") == b"longer" * 100
        assert (archive.read("a"), archive.read("c")) == (b"a" * 100, b"c" * 50)


def test_reading_errors_in_the_middle(tmp_path, monkeypatch):
    root = make_tree(tmp_path / "t", {"a": b"a" * 100, "b": b"b" * 600_000, "c": b"c" * 50})
    original = writer._pieces

    def fail(file):
        for number, piece in enumerate(original(file)):
            if number == 1:
                raise writer.SourceError(OSError(5, "Input/output error"))
            yield piece

    monkeypatch.setattr(writer, "_pieces", fail)
    complaints = []
    file = io.BytesIO()
    create(file, ["."], FAST, folder=str(root), complain=lambda _, error: complaints.append(error.errno))
    assert complaints == [5]
    with Archive(file) as archive:
        check(archive)
        assert {member.path: archive.read(member) for member in archive} == {"a": b"a" * 100, "c": b"c" * 50}


def test_differences(tmp_path):
    root = make_tree(
        tmp_path / "t", dict.fromkeys(("f/same", "f/size", "f/time", "f/bits", "f/gone"), b"content")
    )
    make_tree(root, {"f/content": b"content", "f/kind": b"content", "f/mode": b"x"})
    os.symlink("same", root / "f/link")
    file = archive_of(root, "f")
    before = os.stat(root / "f/bits")
    (root / "f/bits").write_bytes(b"CONTENT")
    os.utime(root / "f/bits", ns=(0, before.st_mtime_ns))
    (root / "f/size").write_bytes(b"longer content")
    os.utime(root / "f/time", (1, 1))
    os.unlink(root / "f/gone")
    os.unlink(root / "f/kind")
    (root / "f/kind").mkdir()
    os.chmod(root / "f/mode", 0o600)
    (root / "f/new").write_bytes(b"")
    link_time = os.lstat(root / "f/link").st_mtime_ns
    os.unlink(root / "f/link")
    os.symlink("elsewhere", root / "f/link")
    os.utime(root / "f/link", ns=(0, link_time), follow_symlinks=False)
    with Archive(file) as archive:
        found = {tuple(difference) for difference in verify(archive, str(root))}
    assert found - {("f/size", "has another time")} == {
        ("f/bits", "has another content"),
        ("f/size", "has another size"),
        ("f/time", "has another time"),
        ("f/gone", "is missing"),
        ("f/kind", "is of another kind"),
        ("f/mode", "has another mode"),
        ("f/new", "is not in the archive"),
        ("f/link", "leads elsewhere"),
    }


def test_damage_is_local(tmp_path):
    root = make_tree(tmp_path / "t", {f"{n}": random.Random(n).randbytes(3000) for n in range(5)})
    make_tree(root, {"copy": (root / "2").read_bytes()})
    file = archive_of(root)
    with Archive(file) as archive:
        damaged = archive.blocks.plain_start(archive.blocks.block_at(archive["2"].offset))
        assert damaged == archive["2"].offset
    data = bytearray(file.getvalue())
    data[data.index((root / "2").read_bytes()[:100]) + 50] ^= 1
    complaints = []
    target = tmp_path / "out"
    target.mkdir()
    with Archive(io.BytesIO(data)) as archive:
        done = extract(
            archive, str(target), complain=lambda path, error: complaints.append((path, type(error)))
        )
        with pytest.raises(nzip.NzipChecksumError):
            check(archive)
        with pytest.raises(nzip.NzipChecksumError):
            archive.read("2")
        assert archive.read("3") == (root / "3").read_bytes()
    assert sorted(complaints) == [("2", nzip.NzipChecksumError), ("copy", nzip.NzipChecksumError)]
    assert done == 4
    assert sorted(os.listdir(target)) == ["0", "1", "3", "4"]


def test_similar_files_share_a_block(tmp_path):
    """Of two versions of a tree each file lies beside its twin, whatever their names."""
    source = random.Random(1)
    files = {}
    for number in range(8):
        words = [source.randbytes(6).hex() for _ in range(100)]
        text = " ".join(words * 5)
        files[f"one/{number}.txt"] = text.encode()
        files[f"two/{source.randbytes(4).hex()}.txt"] = text.replace(words[7], "changed").encode()
    root = make_tree(tmp_path / "t", files)
    options = nzip.EncodeOptions(level=1, threads=1, block_size=20_000)
    with Archive(archive_of(root, options=options)) as archive:
        order = [member.path for member in archive if member.has_content]
        texts = {path: files[path][:20] for path in order}
        assert all(texts[one] == texts[two] for one, two in zip(order[::2], order[1::2], strict=True))


@pytest.mark.parametrize("time", [AFTER, BEFORE, 10**26])
@pytest.mark.parametrize("place", ["/dev/shm", None])  # tmpfs knows any time, other file systems some
def test_times_out_of_range(tmp_path_factory, place, time):
    if place is not None and not os.access(place, os.W_OK):
        pytest.skip(f"no {place} here")
    with tempfile.TemporaryDirectory(dir=place or tmp_path_factory.mktemp("far")) as folder:
        root = make_tree(Path(folder) / "t", {"file": b"file", "other": b"other"})
        (root / "folder").mkdir()
        os.symlink("file", root / "link")
        os.link(root / "file", root / "hard")
        nearest = {give_far_time(root / name, time) for name in ("file", "folder", "link")}
        told = []
        first, second = io.BytesIO(), io.BytesIO()
        create(first, ["."], FAST, folder=str(root), complain=lambda path, error: told.append((path, error)))
        assert {os.path.basename(path) for path, _ in told} == {"file", "folder", "link", "hard"}
        assert {type(error) for _, error in told} == {ArchiveWarning}
        with pytest.raises(ArchiveWarning, match="not between 1677-09-21 and 2262-04-11"):
            create(io.BytesIO(), ["file"], FAST, folder=str(root))
        with Archive(first) as archive:
            append(archive, second, ["."], FAST, folder=str(root), complain=lambda *_: None)
        for file in first, second:
            with Archive(file) as archive:
                names = ("file", "folder", "link", "hard")
                assert {archive[name].mtime_ns for name in names} == nearest
                assert archive["other"].mtime_ns == os.stat(root / "other").st_mtime_ns
                assert list(verify(archive, str(root))) == []
                with tempfile.TemporaryDirectory(dir=folder) as target:
                    assert extract(archive, target) == 5


def test_a_time_that_the_system_refuses_is_told_and_the_rest_restored(tmp_path, monkeypatch):
    root = make_tree(tmp_path / "t", {"a": b"a", "b": b"b"})
    os.symlink("a", root / "link")
    (root / "folder").mkdir()
    os.utime(root / "b", ns=(0, 1))
    os.utime(root / "link", ns=(0, 2), follow_symlinks=False)
    file = archive_of(root)
    original = os.utime

    def refuse(path, *, ns, **options):
        if ns[1] == 1:
            raise OverflowError("timestamp out of range for platform time_t")
        if ns[1] == 2:
            raise OSError(22, "Invalid argument")
        original(path, ns=ns, **options)

    monkeypatch.setattr(os, "utime", refuse)
    told = {}
    (tmp_path / "out").mkdir()
    with Archive(file) as archive:
        assert extract(archive, str(tmp_path / "out"), complain=told.__setitem__) == 4
    assert {path: (type(error), str(error)) for path, error in told.items()} == {
        "b": (ArchiveWarning, "does not get its time: timestamp out of range for platform time_t"),
        "link": (ArchiveWarning, "does not get its time: Invalid argument"),
    }


def test_nothing_is_written_that_no_reader_would_take(tmp_path, monkeypatch):
    """Whatever makes a table wrong: it is noticed before the archive is complete."""
    root = make_tree(tmp_path / "t", {"a": b"a", "b": b"b"})
    original = member_table.encode_members
    wrong = [
        lambda members: original(members)[:-1],
        lambda members: original([member._replace(path="same") for member in members]),
        lambda members: original([member._replace(mtime_ns=0) for member in members]),
        lambda members: original(members[:-1]),
        lambda members: original([*members[:-1], members[-1]._replace(size=2)]),
    ]
    for encode_members in wrong:
        monkeypatch.setattr(member_table, "encode_members", encode_members)
        with pytest.raises(nzip.NzipChecksumError, match="cannot be read back"):
            archive_of(root)
