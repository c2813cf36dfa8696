import tarfile

import numpy as np

from nzip.train.corpus import read_classes, read_sources
from nzip.train.sources import HELD_OUT, Excluded, Folder, gather, write

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
    found = gather([folder], [tmp_path / "more.tar.gz"], Excluded([SECRET]), np.random.default_rng(1))
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
    (source,) = write(tmp_path / "out", gather([folder], [], Excluded([]), np.random.default_rng(2)))
    held = read_classes([tmp_path / "out" / "valid"])["code"]
    kept = read_classes([tmp_path / "out"])["code"]
    assert HELD_OUT - 60_000 <= len(held) <= HELD_OUT + 40
    assert source.bytes == len(kept) - source.documents
    assert read_sources([tmp_path / "out"]) == [source]
