"""Files that are not complete: known by their names, and swept when nobody is at work on them any more."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support.trees import archive_of, make_tree

from nzip.archive import Archive, extract
from nzip.pipeline import naming, target
from nzip.pipeline.naming import is_temporary_name, new_temporary, sweep, temporary_name

DAY = 24 * 3600 * 10**9


@pytest.fixture(autouse=True)
def nothing_swept(monkeypatch):
    monkeypatch.setattr(naming, "_swept", set())


def swept(folder, later_ns=DAY) -> list[str]:
    """The names that are left, so much later than now."""
    naming._swept.clear()
    probe = folder / "probe"
    probe.touch()
    now_ns = os.stat(probe).st_ctime_ns
    probe.unlink()
    descriptor = os.open(folder, os.O_RDONLY)
    sweep(descriptor, now_ns + later_ns)
    os.close(descriptor)
    return sorted(os.listdir(folder))


def test_names():
    assert is_temporary_name(temporary_name())
    for name in ".nzip-1.tmp", "x.nzip-0123456789abcdef.tmp", ".nzip-0123456789abcdef.tmp.nz", "a":
        assert not is_temporary_name(name)


def test_what_nobody_is_at_work_on_is_swept(tmp_path):
    name = temporary_name()
    descriptor = new_temporary(str(tmp_path / name))
    assert swept(tmp_path) == [name]  # at work
    os.close(descriptor)
    assert swept(tmp_path, DAY - 10 * 10**9) == [name]  # not yet old
    os.utime(tmp_path / name, (0, 0))
    assert swept(tmp_path, 0) == [name]  # a time that was set says nothing
    assert swept(tmp_path) == []


def test_the_lock_ends_with_the_process(tmp_path):
    script = (
        "import os, signal, sys; from nzip.pipeline.naming import *\n"
        "new_temporary(temporary_name()); print(flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.stdout.readline()
    (name,) = os.listdir(tmp_path)
    assert swept(tmp_path) == [name]
    process.kill()
    process.communicate()
    assert swept(tmp_path) == []


def test_what_is_not_ours_stays(tmp_path):
    names = [temporary_name() for _ in range(3)]
    (tmp_path / names[0]).mkdir()
    os.mkfifo(tmp_path / names[1])
    (tmp_path / "file").write_bytes(b"precious")
    os.symlink("file", tmp_path / names[2])
    (tmp_path / ".nzip-1.tmp").write_bytes(b"precious")
    assert swept(tmp_path) == sorted([*names[:2], ".nzip-1.tmp", "file"])
    assert (tmp_path / "file").read_bytes() == b"precious"


def test_without_locks_nothing_is_swept_and_files_are_made(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(naming.fcntl, "flock", refuse)
    name = temporary_name()
    os.close(new_temporary(str(tmp_path / name)))
    assert swept(tmp_path) == [name]


def test_a_folder_is_swept_where_a_file_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(naming, "STALE_NS", 0)
    left = temporary_name()
    (tmp_path / left).write_bytes(b"half")
    with target.new_file(str(tmp_path / "a"), overwrite=False) as file:
        assert left not in os.listdir(tmp_path)
        file.write(b"a")
        file.finish()
    assert os.listdir(tmp_path) == ["a"]


def test_a_folder_is_swept_where_a_member_is_restored(tmp_path, monkeypatch):
    monkeypatch.setattr(naming, "STALE_NS", 0)
    left = temporary_name()
    make_tree(tmp_path, {"t/d/a": b"a", f"out/d/{left}": b"half"})
    with Archive(archive_of(tmp_path / "t")) as archive:
        extract(archive, str(tmp_path / "out"))
    assert os.listdir(tmp_path / "out/d") == ["a"]
