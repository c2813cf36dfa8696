"""TarFile for .tar.nz, beside the standard library's own methods."""

import io
import os
import tarfile

import pytest
from support.samples import TEXT, noise

import nzip
from nzip.hooks.tarfile import TarFile

MEMBERS = {"a/first.txt": TEXT, "a/second.bin": noise(3000), "last": b""}


def add_members(archive: tarfile.TarFile) -> None:
    for name, data in MEMBERS.items():
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))


def contents(archive: tarfile.TarFile) -> dict[str, bytes]:
    return {member.name: archive.extractfile(member).read() for member in archive}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "archive.tar.nz"
    with TarFile.open(path, "w:nz", level=1, block_size=2000) as archive:
        add_members(archive)
    return path


@pytest.mark.parametrize("mode", ["r", "r:*", "r:nz", "r|nz"])
def test_reading(path, mode):
    with TarFile.open(path, mode) as archive:
        assert contents(archive) == MEMBERS
    with path.open("rb") as file:
        options = {"threads": 2} if "nz" in mode else {}
        with TarFile.open(mode=mode, fileobj=file, **options) as archive:
            assert contents(archive) == MEMBERS
        assert not file.closed


@pytest.mark.parametrize("mode", ["w:nz", "w|nz", "x:nz"])
def test_writing_gives_a_tar_in_a_stream(tmp_path, mode):
    with TarFile.open(tmp_path / "archive", mode, level=1) as archive:
        add_members(archive)
    with nzip.open(tmp_path / "archive") as file, tarfile.open(fileobj=file) as archive:
        assert contents(archive) == MEMBERS


def test_x_replaces_nothing(path):
    with pytest.raises(FileExistsError):
        TarFile.open(path, "x:nz")


def test_pipes():
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb") as sink, TarFile.open(mode="w|nz", fileobj=sink, level=1) as archive:
        add_members(archive)
    with os.fdopen(ours, "rb") as source, TarFile.open(mode="r|nz", fileobj=source) as archive:
        assert [member.name for member in archive] == list(MEMBERS)
        with pytest.raises(tarfile.StreamError):
            archive.extractfile("a/first.txt").read()


def test_a_member_needs_only_its_blocks(path, monkeypatch):
    decoded = []
    decode = nzip.pipeline.coding.RunDecoder.decode
    monkeypatch.setattr(
        nzip.pipeline.coding.RunDecoder,
        "decode",
        lambda self, header, *rest: decoded.append(header) or decode(self, header, *rest),
    )
    with TarFile.open(path) as archive:
        archive.getmembers()
        decoded.clear()
        assert archive.extractfile("a/first.txt").read(10) == TEXT[:10]
        assert 1 <= len(decoded) <= 3 < nzip.info(path).total_plain // 2000


@pytest.mark.parametrize("method", ["gz", "bz2", "xz", ""])
def test_the_other_methods_are_still_there(tmp_path, method):
    with TarFile.open(tmp_path / "archive", f"w:{method}") as archive:
        add_members(archive)
    with TarFile.open(tmp_path / "archive") as archive:
        assert contents(archive) == MEMBERS


@pytest.mark.parametrize("data", [b"", b"no archive", noise(20_000), b"\x9enz\r\n\x1a"])
def test_what_is_no_archive_is_a_read_error(data):
    for mode in "r", "r:nz", "r|nz":
        with pytest.raises(tarfile.ReadError):
            TarFile.open(mode=mode, fileobj=io.BytesIO(data))


def test_damage_is_told(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    with pytest.raises(nzip.NzipChecksumError), TarFile.open(fileobj=io.BytesIO(data)) as archive:
        contents(archive)


def test_a_cut_archive_does_not_pass_for_a_short_one(path):
    data = path.read_bytes()[:-200]
    with pytest.raises(nzip.NzipTruncatedError), TarFile.open(fileobj=io.BytesIO(data)) as archive:
        contents(archive)
