"""What a wheel installs beside the package is what the command prints."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from support import TESTS

import nzip

PACKAGING = TESTS.parent / "packaging"


def test_the_manual_page(cli):
    made = cli.ok("man").out
    assert (PACKAGING / "nzip.1").read_bytes() == made, "nzip man > packaging/nzip.1"


@pytest.mark.parametrize(("shell", "name"), [("bash", "nzip.bash"), ("zsh", "_nzip"), ("fish", "nzip.fish")])
def test_completion(cli, shell, name):
    made = cli.ok("completion", shell).out
    assert (PACKAGING / "completion" / name).read_bytes() == made, f"nzip completion {shell} > {name}"


@pytest.mark.skipif(shutil.which("file") is None, reason="file(1) is not installed")
def test_file_knows_archives(tmp_path):
    archive = tmp_path / "a"
    archive.write_bytes(nzip.compress(b"a", 1))
    command = ["file", "-b", "-m", str(PACKAGING / "magic"), str(archive)]
    assert subprocess.check_output(command, text=True) == "nzip compressed data, version 1\n"
