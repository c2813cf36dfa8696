"""Files that hold packed streams are not cut by the ends of blocks, if these can help it."""

from __future__ import annotations

import pytest
from support.pictures import jpeg, picture
from support.samples import noise

import nzip
from nzip.archive import Archive, create
from nzip.archive.making import BLOCK_SIZE, LARGEST_BLOCK, archive_encoding, largest_block
from nzip.options import EncodeOptions

PHOTO = jpeg(picture(720, 520), quality=99, subsampling="4:4:4")
FAST = {"level": 3, "model": "none"}


@pytest.fixture
def folder(tmp_path):
    for name, data in ("a.jpg", PHOTO), ("b.jpg", PHOTO[:-9] + b"\0" + PHOTO[-9:]), ("c", noise(9000)):
        (tmp_path / name).write_bytes(data)
    return tmp_path


def made(folder, **options):
    """An archive of the folder, all of whose members are in it."""
    path = folder.parent / f"{folder.name}.nza"
    with open(path, "wb") as dst:
        create(dst, sorted(folder.iterdir()), EncodeOptions(**FAST, **options))
    with Archive(path) as archive:
        for source in folder.iterdir():
            (member,) = [each for each in archive if each.path.endswith(source.name)]
            with archive.open(member) as file:
                assert file.read() == source.read_bytes()
    sizes = [block.header.plain_size for block in nzip.info(path).streams[0].blocks]
    return path.stat().st_size, sizes


def test_large_photographs_are_blocks(folder):
    assert BLOCK_SIZE < len(PHOTO) < LARGEST_BLOCK
    size, blocks = made(folder)
    assert len(PHOTO) in blocks
    assert size < 0.95 * sum(each.stat().st_size for each in folder.iterdir())


def packed(size):
    """What begins as a gzip file does."""
    return b"\x1f\x8b\x08" + noise(size - 3, seed=size)


def test_a_block_ends_rather_than_cut_a_file(folder):
    for name, size in ("x.gz", 300_000), ("y.gz", 400_000), ("noise", 0):
        (folder / name).write_bytes(packed(size) if size else noise(400_000))
    _, blocks = made(folder)
    assert {300_000, 400_000} < set(blocks)


def test_files_larger_than_any_block_have_few(folder, monkeypatch):
    monkeypatch.setattr("nzip.archive.making.LARGEST_BLOCK", 700_000)
    (folder / "x.gz").write_bytes(packed(1_000_000))
    _, blocks = made(folder)
    assert {700_000, 300_000} < set(blocks)
    assert max(blocks) == 700_000


def test_block_sizes_that_were_asked_for_are_kept(folder):
    _, blocks = made(folder, block_size=100_000)
    assert max(blocks) == 100_000
    _, blocks = made(folder, unpack=False)
    assert max(blocks) <= BLOCK_SIZE


def test_there_is_memory_for_it():
    assert largest_block(archive_encoding(EncodeOptions(**FAST))) == LARGEST_BLOCK
    little = archive_encoding(EncodeOptions(**FAST, memory_limit=120 << 20, threads=1))
    assert largest_block(little) == 0
