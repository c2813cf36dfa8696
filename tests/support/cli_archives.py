"""The tree of files that tests of nzip archive store, and what is listed of it."""

from __future__ import annotations

import os


def make_tree(cli, text):
    for name, data in (
        ("t/a.txt", text),
        ("t/sub/b.txt", text[::-1]),
        ("t/sub/copy.txt", text),
        ("t/c.log", b"log"),
    ):
        path = cli.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    os.symlink("a.txt", cli.folder / "t/link")
    os.link(cli.folder / "t/c.log", cli.folder / "t/hard")
    return cli.folder / "t"


PATHS = ["t", "t/a.txt", "t/c.log", "t/hard", "t/link", "t/sub", "t/sub/b.txt", "t/sub/copy.txt"]


def listed(result) -> list[str]:
    return sorted(result.out.decode().splitlines())
