import gzip
import io
import tarfile

import numpy as np

from nzip.train.corpus import read_classes, read_sources
from nzip.train.sources import HELD_OUT, KINDS, Excluded, Folder, gather, write

CODE = KINDS["code"]
SECRET = b"".join(b"int function_number_%d(void);\n" % i for i in range(40))


def code(i):
    return b"".join(b"static long helper_%d_%d(long a);\n" % (i, j) for j in range(30))


def test_code_is_gathered_once_and_without_what_is_excluded(tmp_path):
    tree = tmp_path / "tree"
    (tree / "deep").mkdir(parents=True)
    for i in range(8):
        (tree / "deep" / f"{i}.h").write_bytes(code(i))
    (tree / "again.h").write_bytes(code(3))
    (tree / "secret.h").write_bytes(b"/* changed a bit */\n" + SECRET[:900])
    (tree / "binary.h").write_bytes(b"\0" * 500)
    (tree / "short.h").write_bytes(b"x")
    (tree / "other.zip").write_bytes(code(99))
    (tree / "link.h").symlink_to(tree / "other.zip")
    with tarfile.open(tmp_path / "more.tar.gz", "w:gz") as archive:
        (tmp_path / "a.c").write_bytes(code(50))
        (tmp_path / "b.png").write_bytes(code(51))
        archive.add(tmp_path / "a.c", "x/a.c")
        archive.add(tmp_path / "b.png", "x/b.png")

    folder = Folder("headers", tree, frozenset({".h"}), "MIT")
    found = gather(CODE, [folder], [tmp_path / "more.tar.gz"], Excluded([SECRET]), np.random.default_rng(1))
    assert sorted(each.data for each in found) == sorted([*map(code, range(8)), code(50)])
    assert {each.origin for each in found} == {"headers", "more.tar.gz"}


def test_what_only_shares_a_licence_is_kept():
    licence = b"".join(b"This program comes without any warranty, line %d\n" % i for i in range(15))
    excluded = Excluded([licence + SECRET])
    assert not excluded.like(licence + code(1))
    assert excluded.like(licence + SECRET[:900])


def test_a_part_is_held_out(tmp_path):
    folder = Folder("here", tmp_path / "tree", frozenset({".py"}), "MIT")
    folder.path.mkdir()
    for i in range(40):
        (folder.path / f"{i}.py").write_bytes((b"%d" % i) * 30000)
    (source,) = write(
        CODE, tmp_path / "out", gather(CODE, [folder], [], Excluded([]), np.random.default_rng(2))
    )
    held = read_classes([tmp_path / "out" / "valid"])["code"]
    kept = read_classes([tmp_path / "out"])["code"]
    assert HELD_OUT - 60_000 <= len(held) <= HELD_OUT + 40
    assert source.bytes == len(kept) - source.documents
    assert read_sources([tmp_path / "out"]) == [source]


def test_languages_are_pages_of_manuals_and_of_help_and_fortunes(tmp_path):
    page = b"<html><head><title>S\xc3\xbag\xc3\xb3</title><script>var x;</script></head>"
    page += b"<body><p>Egy <b>sor</b></p>"
    filler = b"<p>m\xc3\xa1sik sor</p>\n" * 20
    files = {
        "usr/share/help/hu/page.html": page + filler,
        "usr/share/man/hu/man1/ls.1.gz": gzip.compress(b".TH LS 1\n" + b"felsorol\n" * 40),
        "usr/share/games/fortunes/hu": b"mond\xc3\xa1s\n%\n" * 40,
        "usr/share/doc/x/changelog.gz": gzip.compress(b"not one of them " * 40),
        "usr/share/doc/x/copyright": b"nor this one " * 40,
    }
    with tarfile.open(tmp_path / "hu.tar", "w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    found = gather(KINDS["languages"], [], [tmp_path / "hu.tar"], Excluded([]), np.random.default_rng(1))
    texts = sorted(each.data for each in found)
    assert texts[0] == b".TH LS 1\n" + b"felsorol\n" * 40
    assert texts[1].startswith("Súgó\nEgy sor\nmásik sor\n".encode())
    assert texts[2] == files["usr/share/games/fortunes/hu"]
    assert len(texts) == 3
