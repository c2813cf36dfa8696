"""What the command says of every golden error: the codes and lines of golden_errors.txt."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[1] / "golden_errors").glob("*.nz"))
SNAPSHOT = Path(__file__).with_name("golden_errors.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_message_and_code(cli, file):
    shutil.copy(file, cli.folder)
    result = cli("t", "-M", "1G", file.name)
    assert result.out == b""
    line = re.sub(r"needs \S+ \S+ of", "needs SIZE of", result.err.rstrip("\n"))  # the engine's affair
    assert f"{result.code} {line}" in SNAPSHOT
    assert cli("d", "-M", "1G", file.name) == result
    assert cli.names() == [file.name]


@pytest.mark.parametrize(
    "name", ["engine", "engine-revision", "expert", "expert-parameters", "profile", "segment", "transform"]
)
def test_what_is_not_decoded_is_listed(cli, name):
    shutil.copy(FILES[0].with_name(f"{name}.nz"), cli.folder)
    assert cli.ok("l", f"{name}.nz").out


def test_snapshot_is_complete():
    assert [line.split(": ")[1] for line in SNAPSHOT] == [file.name for file in FILES]
