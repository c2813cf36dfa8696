"""The entry points that write files: how each is started, and what must hold whatever happened."""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.samples import make_text, noise

import nzip
from nzip.archive import Archive
from nzip.archive import create as create_archive
from nzip.hooks.tarfile import TarFile
from nzip.pipeline import EncodeOptions

OPTIONS = EncodeOptions(level=1, block_size=1 << 15, threads=2)
CODING = ["-1", "-T2", "--block-size", "32K"]

# Three blocks of text, of which threads code two at a time, and one that is stored.
TEXT = make_text(80_000) + noise(30_000)
TREE: Mapping[str, bytes] = {
    "tree/a": make_text(20_000, 2),
    "tree/b/c": noise(9_000, 5),
    "tree/d": b"",
    "tree/e": TEXT,
}
OLD_TREE: Mapping[str, bytes] = {
    "tree/a": b"an older version\n" * 50,
    "tree/gone": b"only in the old archive",
}


class BrokenError(AssertionError):
    """Data were lost, or something passes for complete that is not."""


class LeftOutError(BrokenError):
    """A file is missing in an archive, which must have been told."""


@dataclass(frozen=True)
class Entry:
    """One way to write files."""

    name: str
    prepare: Callable[[Path], None]
    arguments: list[str]  # of the interpreter
    is_done: Callable[
        [Path], bool
    ]  # whether the result is there, whole; raises BrokenError for half a result
    is_command: bool = True  # ends with one line, a documented exit code, and nothing left behind
    leaves_out: bool = False  # what cannot be read, with a warning

    def command(self) -> list[str]:
        return [sys.executable, *self.arguments]

    @staticmethod
    def clean(folder: Path) -> None:
        """Makes the folder empty again."""
        shutil.rmtree(folder)
        folder.mkdir()

    def check(self, folder: Path, *, warned: bool = False) -> bool:
        """The sources must be as they were; returns whether the result is there."""
        for name, data in {"text": TEXT, **TREE}.items():
            path = folder / name
            if path.exists() and path.read_bytes() != data:
                raise BrokenError(f"the source {name} has changed")
        try:
            return self.is_done(folder)
        except LeftOutError:
            if not (warned and self.leaves_out):
                raise
            return True


def _write_text(folder: Path) -> None:
    (folder / "text").write_bytes(TEXT)


def _write_tree(folder: Path, tree: Mapping[str, bytes] = TREE) -> None:
    for name, data in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _write_coded(folder: Path) -> None:
    (folder / "text.nz").write_bytes(nzip.compress(TEXT, 1, block_size=1 << 15, threads=2))


def _write_archive(folder: Path) -> None:
    _write_tree(folder)
    with (folder / "tree.nza").open("wb") as file:
        create_archive(file, ["tree"], OPTIONS, folder=str(folder))
    (folder / "out").mkdir()


def _write_old_archive(folder: Path) -> None:
    _write_tree(folder, OLD_TREE)
    with (folder / "tree.nza").open("wb") as file:
        create_archive(file, ["tree"], OPTIONS, folder=str(folder))
    (folder / "tree/gone").unlink()
    _write_tree(folder)


def _holds(path: Path, data: bytes) -> bool:
    """A file that is there is whole."""
    if not path.exists():
        return False
    if path.read_bytes() != data:
        raise BrokenError(f"{path.name} is not whole")
    return True


def _restores(path: Path, data: bytes = TEXT, *, may_be_cut: bool = False) -> bool:
    """A compressed file that is there restores.

    Where a program that uses the library was cut off, it may tell that it is cut.
    """
    if not path.exists():
        return False
    try:
        restored = nzip.decompress(path.read_bytes())
    except nzip.NzipError as error:
        if may_be_cut:
            return False
        raise BrokenError(f"{path.name}: {error}") from error
    if restored != data:
        raise BrokenError(f"{path.name} restores something else")
    return True


def _members(path: Path) -> dict[str, bytes] | None:
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, Archive(file) as archive:
            files = [member for member in archive if member.kind.name in ("FILE", "COPY")]
            return {member.path: archive.open(member).read() for member in files}
    except nzip.NzipError as error:
        raise BrokenError(f"{path.name}: {error}") from error


def _has_tree(folder: Path) -> bool:
    members = _members(folder / "tree.nza")
    if members is None or members == TREE:
        return members is not None
    if members.items() <= TREE.items():
        raise LeftOutError("the archive lacks a file")
    raise BrokenError("the archive holds something else")


def _has_both_trees(folder: Path) -> bool:
    members = _members(folder / "tree.nza")
    if members in (OLD_TREE, {**OLD_TREE, **TREE}):
        return members != OLD_TREE
    if members is not None and OLD_TREE.keys() <= members.keys() <= {*OLD_TREE, *TREE}:
        raise LeftOutError("the archive lacks a file")
    raise BrokenError("the archive is neither the old one nor the new one")


def _extracted(folder: Path) -> bool:
    """Each member under its name is whole."""
    found = [_holds(folder / "out" / name, data) for name, data in TREE.items()]  # looks at each
    return all(found)


def _batch_done(folder: Path) -> bool:
    done = [_restores(folder / "out" / f"{name[5:]}.nz", data) for name, data in TREE.items()]
    return all(done)


def _library_done(folder: Path) -> bool:
    return _restores(folder / "text.nz", may_be_cut=True)


def _tar_done(folder: Path) -> bool:
    path = folder / "tree.tar.nz"
    if not path.exists():
        return False
    try:
        with TarFile.open(path, "r:nz") as archive:
            found = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}
    except (nzip.NzipError, tarfile.TarError, EOFError):
        return False
    if found != TREE:
        raise BrokenError("the tar file holds something else")
    return True


def _command(*arguments: str) -> list[str]:
    return ["-m", "nzip", *arguments]


def _library(code: str) -> list[str]:
    return ["-c", f"import nzip, sys\ndata = open('text', 'rb').read()\n{code}"]


_OPTIONS = "level=1, threads=2, block_size=1 << 15"

ENTRIES = {
    entry.name: entry
    for entry in [
        Entry("c", _write_text, _command("c", *CODING, "text"), lambda folder: _restores(folder / "text.nz")),
        Entry(
            "d", _write_coded, _command("d", "-T2", "text.nz"), lambda folder: _holds(folder / "text", TEXT)
        ),
        Entry(
            "archive create",
            _write_tree,
            _command("archive", "create", *CODING, "tree.nza", "tree"),
            _has_tree,
            leaves_out=True,
        ),
        Entry(
            "archive append",
            _write_old_archive,
            _command("archive", "append", *CODING, "tree.nza", "tree"),
            _has_both_trees,
            leaves_out=True,
        ),
        Entry(
            "archive extract",
            _write_archive,
            _command("archive", "extract", "-T2", "tree.nza", "-C", "out"),
            _extracted,
        ),
        Entry(
            "batch",
            _write_tree,
            _command("batch", "-1", "--jobs", "2", "tree", "--out", "out"),
            _batch_done,
        ),
        Entry(
            "library",
            _write_text,
            _library(f"with nzip.open('text.nz', 'wb', {_OPTIONS}) as file:\n    file.write(data)"),
            _library_done,
            is_command=False,
        ),
        Entry(
            "tarfile",
            _write_tree,
            [
                "-c",
                "from nzip.hooks.tarfile import TarFile\n"
                f"with TarFile.open('tree.tar.nz', 'w:nz', {_OPTIONS}) as archive:\n    archive.add('tree')",
            ],
            _tar_done,
            is_command=False,
        ),
        Entry(
            "shutil",
            _write_tree,
            [
                "-c",
                "import shutil, nzip.hooks.shutil\nnzip.hooks.shutil.register()\n"
                "shutil.make_archive('tree', 'nztar', '.', 'tree')",
            ],
            _tar_done,
            is_command=False,
        ),
        Entry(
            "fsspec",
            _write_text,
            _library(
                "import fsspec, nzip.hooks.fsspec\nnzip.hooks.fsspec.register()\n"
                "with fsspec.open('text.nz', 'wb', compression='nz') as file:\n    file.write(data)"
            ),
            _library_done,
            is_command=False,
        ),
        Entry(
            "smart_open",
            _write_text,
            _library(
                "import smart_open, nzip.hooks.smart_open\nnzip.hooks.smart_open.register()\n"
                "with smart_open.open('text.nz', 'wb', compression_kwargs={'level': 1}) as file:\n"
                "    file.write(data)"
            ),
            _library_done,
            is_command=False,
        ),
    ]
}


# Commands whose output nobody reads any more.
PIPES = {
    "c": _command("c", *CODING, "-c", "text"),
    "d": _command("d", "-c", "text.nz"),
    "archive create": _command("archive", "create", *CODING, "-", "tree"),
    "library": _library(
        f"with nzip.open(sys.stdout.buffer, 'wb', {_OPTIONS}) as file:\n    file.write(data)"
    ),
}

# What writes a file with a library and does not close it.
LEFT_OPEN = {
    "library": f"import nzip\nfile = nzip.open('text.nz', 'wb', {_OPTIONS})\n"
    "file.write(open('text', 'rb').read())",
    "tarfile": "from nzip.hooks.tarfile import TarFile\n"
    f"archive = TarFile.open('tree.tar.nz', 'w:nz', {_OPTIONS})\narchive.add('tree')",
}


def code_of(name: str) -> str:
    """What the process of a library's entry point does."""
    return ENTRIES[name].arguments[1]


def leftovers(folder: Path) -> list[str]:
    """Temporary files."""
    return [name for _, _, names in os.walk(folder) for name in names if name.startswith(".nzip-")]
