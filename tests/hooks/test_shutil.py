"""shutil makes and unpacks .tar.nz."""

import io
import os
import shutil
import tarfile

import pytest
from support.samples import TEXT

import nzip.hooks.shutil
from nzip.hooks.tarfile import TarFile

has_filters = pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="an older Python's tarfile")


@pytest.fixture(autouse=True)
def _registered():
    nzip.hooks.shutil.register()
    nzip.hooks.shutil.register()  # does no harm


@pytest.fixture
def tree(tmp_path):
    tree = tmp_path / "tree"
    (tree / "folder").mkdir(parents=True)
    (tree / "folder" / "file").write_bytes(TEXT)
    (tree / "link").symlink_to("folder/file")
    return tree


@has_filters
@pytest.mark.parametrize("base_dir", [None, "folder"])
def test_there_and_back(tmp_path, tree, base_dir):
    path = shutil.make_archive(str(tmp_path / "new" / "packed"), "nztar", tree, base_dir)
    assert path == str(tmp_path / "new" / "packed.tar.nz")
    shutil.unpack_archive(path, tmp_path / "out")
    assert (tmp_path / "out" / "folder" / "file").read_bytes() == TEXT
    assert (tmp_path / "out" / "link").is_symlink() == (base_dir is None)


def test_without_a_root(tree, monkeypatch):
    monkeypatch.chdir(tree)
    path = shutil.make_archive("packed", "nztar", base_dir="folder")
    with TarFile.open(path) as archive:
        assert archive.getnames() == ["folder", "folder/file"]


def test_owner_and_group(tmp_path, tree):
    path = shutil.make_archive(str(tmp_path / "packed"), "nztar", tree, owner="root", group="root")
    with TarFile.open(path) as archive:
        assert {(member.uid, member.uname, member.gname) for member in archive} == {(0, "root", "root")}


def test_a_dry_run_writes_nothing(tmp_path, tree):
    shutil.make_archive(str(tmp_path / "packed"), "nztar", tree, dry_run=True)
    assert os.listdir(tmp_path) == ["tree"]


def test_half_an_archive_does_not_stay(tmp_path, tree, monkeypatch):
    monkeypatch.setattr(TarFile, "add", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        shutil.make_archive(str(tmp_path / "packed"), "nztar", tree)
    assert os.listdir(tmp_path) == ["tree"]


@has_filters
@pytest.mark.parametrize("name", ["../escaped", "/escaped"])
def test_nothing_is_written_outside(tmp_path, name):
    with TarFile.open(tmp_path / "evil.tar.nz", "w:nz", level=1) as archive:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(tarfile.FilterError) if name.startswith("..") else pytest.MonkeyPatch.context():
        shutil.unpack_archive(tmp_path / "evil.tar.nz", tmp_path / "out")
    assert not (tmp_path / "escaped").exists()
    assert not os.path.exists("/escaped")


def test_a_python_without_filters_is_told(tmp_path, tree, monkeypatch):
    path = shutil.make_archive(str(tmp_path / "packed"), "nztar", tree)
    monkeypatch.delattr(tarfile, "data_filter", raising=False)
    with pytest.raises(shutil.ReadError, match="cannot unpack it safely"):
        shutil.unpack_archive(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
