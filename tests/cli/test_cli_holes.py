"""Files with holes have them again when they are restored."""

from __future__ import annotations

import io
import os
import stat

import pytest
from support.samples import noise

import nzip
from nzip.format.holes import Hole
from nzip.pipeline import EncodeOptions, Metadata, compress_stream

MIB = 1 << 20


@pytest.fixture
def sparse(cli):
    """A file of 100 MiB, most of which is not there."""
    path = cli.folder / "disk"
    with path.open("wb") as file:
        file.write(noise(4096))
        file.seek(60 * MIB)
        file.write(noise(8192))
        file.truncate(100 * MIB)
    if _kept(path) > MIB:
        pytest.skip("the file system has no holes")
    return path


def _kept(path) -> int:
    """Bytes that the file system keeps of a file."""
    return path.stat().st_blocks * 512


def test_holes_are_restored(cli, sparse):
    plain = sparse.read_bytes()
    before = _kept(sparse)
    cli.ok("c", "-1", "disk")
    assert "holes of 100.0 MiB" in cli.ok("l", "-v", "disk.nz").out.decode()
    assert (cli.folder / "disk.nz").stat().st_size < 15_000
    sparse.unlink()
    cli.ok("d", "disk.nz")
    assert sparse.read_bytes() == plain
    assert _kept(sparse) <= before + 65536


@pytest.mark.usefixtures("sparse")
@pytest.mark.parametrize(("option", "is_sparse"), [("--sparse", True), ("--no-sparse", False)])
def test_holes_are_made_as_asked(cli, option, is_sparse):
    cli.ok("c", "-1", "disk")
    cli.ok("d", option, "disk.nz", "-o", "again")
    assert cli.read("again") == cli.read("disk")
    assert (_kept(cli.folder / "again") < MIB) == is_sparse


def test_zeros_that_were_written_are_written_again(cli):
    cli.write("a", bytes(10 * MIB))
    cli.ok("c", "-1", "a")
    cli.ok("d", "a.nz", "-o", "b")
    assert _kept(cli.folder / "b") >= 10 * MIB
    cli.ok("d", "--sparse", "a.nz", "-o", "c")
    assert _kept(cli.folder / "c") < MIB
    assert cli.read("c") == bytes(10 * MIB)


def test_pipes_say_nothing_of_holes(cli, sparse):
    packed = cli.ok("c", "-1", data=sparse.read_bytes()).out
    assert nzip.info(cli.write("p.nz", packed)).streams[0].metadata.holes == ()
    cli.ok("c", "-1", "-n", "disk", "-o", "n.nz")
    assert nzip.info(cli.folder / "n.nz").streams[0].metadata.holes == ()
    assert cli.read("n.nz") == packed


def test_what_goes_to_a_pipe_is_whole(cli, sparse):
    cli.ok("c", "-1", "disk")
    assert cli.ok("d", "-c", "disk.nz").out == sparse.read_bytes()
    assert cli.ok("d", "-c", "--sparse", "disk.nz").out == sparse.read_bytes()


def test_holes_that_are_none_do_no_harm(cli):
    """What a file says of its holes is believed of zeros only."""
    plain = noise(20_000)
    packed = io.BytesIO()
    metadata = Metadata(name=b"a", holes=(Hole(0, 5000), Hole(8192, 1 << 40)))
    compress_stream(io.BytesIO(plain), packed, EncodeOptions(level=1), metadata=metadata)
    cli.write("a.nz", packed.getvalue())
    cli.ok("d", "a.nz")
    assert cli.read("a") == plain


def test_a_file_that_ends_in_a_hole_has_its_size_and_mode(cli, sparse):
    os.chmod(sparse, 0o640)
    cli.ok("c", "-1", "disk")
    cli.ok("d", "-f", "disk.nz")
    status = sparse.stat()
    assert (status.st_size, stat.S_IMODE(status.st_mode)) == (100 * MIB, 0o640)


def test_members_have_their_holes_again(cli, sparse):
    plain = sparse.read_bytes()
    (cli.folder / "copy").write_bytes(plain)
    os.link(sparse, cli.folder / "link")
    cli.ok("archive", "create", "-1", "all.nza", "copy", "disk", "link")
    cli.ok("archive", "extract", "-C", "there", "all.nza")
    for name in "copy", "disk", "link":
        assert cli.read(f"there/{name}") == plain
    kept = [_kept(cli.folder / "there" / name) < MIB for name in ("copy", "disk", "link")]
    assert kept == [kept[0], kept[0], kept[0]]  # copies have the holes of the first
    cli.ok("archive", "create", "-1", "disk.nza", "disk", "link")
    for option, is_sparse in ((), True), (("--no-sparse",), False), (("--sparse",), True):
        cli.ok("archive", "extract", "-f", "-C", "there", *option, "disk.nza")
        assert cli.read("there/disk") == cli.read("there/link") == plain
        assert (_kept(cli.folder / "there/disk") < MIB) == is_sparse


def test_an_archive_of_a_sparse_file_is_not_made_anew(cli, sparse):
    cli.ok("archive", "create", "-1", "a.nza", "disk")
    before = cli.read("a.nza")
    cli.ok("archive", "append", "-1", "a.nza", "disk")
    assert cli.read("a.nza") == before
    cli.write("more", b"more")
    cli.ok("archive", "append", "-1", "a.nza", "more")
    sparse.unlink()
    cli.ok("archive", "extract", "a.nza", "disk")
    assert _kept(sparse) < MIB


def test_jobs_record_holes(cli, sparse):
    (cli.folder / "source").mkdir()
    sparse.rename(cli.folder / "source/disk")
    assert cli("batch", "source", "--out", "out", "-1").code == 0
    (cli.folder / "again").mkdir()
    cli.ok("d", "out/disk.nz", "-o", "again/disk")
    assert cli.read("again/disk") == cli.read("source/disk")
    assert _kept(cli.folder / "again/disk") < MIB
