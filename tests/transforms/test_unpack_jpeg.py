"""JPEG files inside blocks are opened wherever they lie, and restored."""

from __future__ import annotations

import io
import zipfile

import pytest
from support.pictures import jpeg, picture
from support.samples import PORTRAIT, PROGRESSIVE, noise, words
from support.unpacked import UNPACK, opened

import nzip
from nzip.format.block import Step
from nzip.format.registry import PackedFormatId, SegmentKind, TransformId
from nzip.transforms.unpack.formats import format_of

PHOTO = jpeg(picture(200, 150), quality=85)


def streams(data: bytes) -> list[tuple[int, int]]:
    """Depth and format of each stream in the data, which are restored."""
    found = opened(data)

    def look(node, depth):
        for stream in node.streams:
            yield depth, stream.format
            for content in stream.contents:
                yield from look(content, depth + 1)

    return [] if found is None else list(look(found, 0))


def test_files_alone_and_in_others_are_opened():
    tiff = b"II*\0" + noise(200) + PHOTO + noise(100)
    pdf = b"%PDF-1.4\n<< /Filter /DCTDecode >>\nstream\n" + PHOTO + b"\nendstream\n" + words(500)
    for data in PHOTO, PORTRAIT, PROGRESSIVE, tiff, pdf, PHOTO + noise(1000):
        assert streams(data) == [(0, PackedFormatId.JPEG)]


def test_frames_of_a_film_are_opened_one_by_one():
    frames = [jpeg(picture(64, 48, seed=seed)) for seed in range(5)]
    data = b"".join(b"00dc" + len(frame).to_bytes(4, "little") + frame for frame in frames)
    assert streams(data) == [(0, PackedFormatId.JPEG)] * 5


def test_thumbnails_in_headers_are_opened():
    data = jpeg(picture(200, 150), exif=b"Exif\0\0" + noise(60) + PORTRAIT)
    assert streams(data) == [(0, PackedFormatId.JPEG), (1, PackedFormatId.JPEG)]


def test_members_of_a_zip_file_are_opened_stored_and_deflated():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("stored.jpg", PHOTO, zipfile.ZIP_STORED)
        file.writestr("text", words(3000), zipfile.ZIP_DEFLATED)
        file.writestr("tar", words(9000) + PHOTO, zipfile.ZIP_DEFLATED)
    assert streams(out.getvalue()) == [
        (0, PackedFormatId.JPEG),
        (0, PackedFormatId.DEFLATE),
        (0, PackedFormatId.DEFLATE),
        (1, PackedFormatId.JPEG),
    ]


def test_what_is_gained_is_written():
    coded = nzip.compress(PHOTO, level=3, model="none")
    assert len(coded) < 0.95 * len(PHOTO)
    assert len(nzip.compress(PHOTO, level=3, model="none", unpack=False)) > 0.96 * len(PHOTO)
    assert nzip.decompress(coded) == PHOTO
    (block,) = nzip.info(io.BytesIO(coded)).streams[0].blocks
    assert [step.id for step in block.header.steps] == [TransformId.UNPACK]
    assert SegmentKind.PACKED in {segment.kind for segment in block.header.coding.segments}


def test_nothing_is_opened_that_does_not_become_smaller():
    for data in b"\xff\xd8\xff" * 500, PHOTO[:-2], PHOTO[:2] + PHOTO[5:], jpeg(picture(1, 1)):
        assert streams(data) == []


def test_a_residue_is_refused():
    with pytest.raises(ValueError, match="JPEG"):
        format_of(PackedFormatId.JPEG).close([PHOTO] * 2, b"residue", None)


def test_memory_is_bounded_by_what_is_given():
    memory = format_of(PackedFormatId.JPEG).memory
    assert memory(0) < 16 << 20
    assert memory(1 << 18) < 80 << 20
    assert memory(1 << 30) < 160 << 20
    assert UNPACK.memory(Step(TransformId.UNPACK, 1000, 1000)) < 16 << 20
