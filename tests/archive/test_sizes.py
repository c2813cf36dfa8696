"""What an archive of many small files costs, against a tar file in xz."""

from __future__ import annotations

import io
import json
import lzma
import random
import tarfile

import pytest
from support.samples import words
from support.trees import archive_of, make_tree

from nzip.archive import Archive
from nzip.pipeline import EncodeOptions


def small_files() -> dict[str, bytes]:
    source = random.Random(1)
    vocabulary = words(60_000).decode().split()

    def text(count: int) -> str:
        return " ".join(source.choices(vocabulary, k=count))

    files = {}
    for number in range(1000):
        record = {
            "id": f"{source.getrandbits(48):012x}",
            "name": text(2),
            "created": f"2024-{source.randrange(1, 13):02}-{source.randrange(1, 29):02}",
            "tags": text(source.randrange(2, 6)).split(),
            "items": [
                {
                    "sku": f"{source.randrange(10_000):05}",
                    "title": text(3),
                    "price": source.randrange(100, 9999),
                }
                for _ in range(source.randrange(1, 5))
            ],
        }
        files[f"records/{number:04}.json"] = json.dumps(record, indent=2).encode()
        front = f"---\ntitle: {text(3)}\nauthor: {text(2)}\n---\n\n"
        page = f"{front}# {text(3)}\n\n{text(60)}\n\n## Usage\n\n{text(40)}\n"
        files[f"pages/{text(2).replace(' ', '-')}-{number}.md"] = page.encode()
    return files


@pytest.mark.slow
def test_two_thousand_small_files(tmp_path):
    root = make_tree(tmp_path / "t", small_files())
    ours = archive_of(root, options=EncodeOptions(level=3, threads=1)).getvalue()
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as file:
        file.add(root, ".")
    theirs = lzma.compress(tar.getvalue(), preset=9 | lzma.PRESET_EXTREME)
    assert len(ours) < 0.75 * len(theirs)
    with Archive(io.BytesIO(ours)) as archive:
        assert len(archive) == 2002
        assert archive.read("records/0500.json") == (root / "records/0500.json").read_bytes()
