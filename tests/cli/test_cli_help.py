"""Completion and the manual page, which follow the commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from nzip.cli.commands import COMMANDS

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts(cli, shell):
    script = cli.ok("completion", shell).out.decode()
    assert f"_NZIP_COMPLETE={shell}_complete" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("words", "number", "expected"),
    [
        ("nzip ", 1, set(COMMANDS)),
        ("nzip models ", 2, {"add", "rm", "list", "info", "path"}),
        ("nzip c --ver", 2, {"--verify", "--verbose"}),
        ("nzip nothing ", 2, set()),
    ],
)
def test_completion(cli, words, number, expected):
    variables = {"_NZIP_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(number)}
    result = cli("", env={**os.environ, **variables})
    found = {line.rpartition(",")[2] for line in result.out.decode().splitlines()}
    assert found == expected
    assert "Traceback" not in result.err


def test_a_shell_that_is_not_known(cli):
    result = cli("completion", "cmd")
    assert result.code == 64
    assert "bash" in result.err


def test_the_manual_page(cli):
    page = cli.ok("man").out.decode()
    for command in COMMANDS[:4]:
        assert f".SS nzip {command} " in page
    assert r"\fB\-\-block\-size" in page
    codes = re.findall(r"^\.TP\n\\fB(\d+)\\fR$", page, re.MULTILINE)
    assert codes == re.findall(r"^\| (\d+) \|", README.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.skipif(not shutil.which("man"), reason="no man here")
def test_man_can_show_it(cli):
    page = cli.ok("man").out
    shown = subprocess.run(
        ["man", "--warnings", "-l", "-"],
        input=page,
        capture_output=True,
        check=True,
        env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C"},
    )
    assert shown.stderr == b""
    assert b"--block-size" in shown.stdout
