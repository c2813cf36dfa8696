"""Running the command as people do: a process of its own in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support.cli_archives import make_tree
from support.samples import make_text

COMMAND = [sys.executable, "-m", "nzip"]


class Result(NamedTuple):
    code: int
    out: bytes
    err: str


class Cli:
    """Runs nzip in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, data: bytes | None = None, **options) -> Result:
        process = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            input=b"" if data is None else data,
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
            **options,
        )
        return Result(process.returncode, process.stdout, process.stderr.decode())

    def ok(self, *arguments: str, **options) -> Result:
        result = self(*arguments, **options)
        assert (result.code, result.err) == (0, "")
        return result

    def start(self, *arguments: str, **options) -> subprocess.Popen:
        return subprocess.Popen([*COMMAND, *arguments], cwd=self.folder, **options)

    def write(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def names(self) -> list[str]:
        return sorted(os.listdir(self.folder))


@pytest.fixture(scope="session")
def cli_in() -> type[Cli]:
    """For commands in another folder than the test's own."""
    return Cli


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path)


@pytest.fixture
def small_disk(cli: Cli) -> Iterator[Callable[[str], Path]]:
    """Makes ``disk`` in the test's folder a file system of so many bytes."""
    disk = cli.folder / "disk"
    disk.mkdir()

    def mount(size: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("may not mount a file system")
        return disk

    yield mount
    if os.path.ismount(disk):
        subprocess.run(["umount", disk], check=True)


@pytest.fixture(scope="session")
def text() -> bytes:
    return make_text(5000)  # two blocks of 2K and a shorter one, in some tests


@pytest.fixture
def tree(cli: Cli, text: bytes) -> Path:
    """What tests of nzip archive store."""
    return make_tree(cli, text)


@pytest.fixture
def packed(cli: Cli, tree: Path) -> str:
    assert tree.is_dir()
    cli.ok("archive", "create", "-1", "x.nza", "t")
    return "x.nza"
