"""Files that are opened as a whole or not at all have blocks of their own."""

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


def test_block_sizes_that_were_asked_for_are_kept(folder):
    _, blocks = made(folder, block_size=100_000)
    assert max(blocks) == 100_000
    _, blocks = made(folder, unpack=False)
    assert max(blocks) <= BLOCK_SIZE


def test_there_is_memory_for_it():
    assert largest_block(archive_encoding(EncodeOptions(**FAST))) == LARGEST_BLOCK
    little = archive_encoding(EncodeOptions(**FAST, memory_limit=120 << 20, threads=1))
    assert largest_block(little) == 0
