"""Completion and the manual page, which follow the commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nzip.cli.commands import COMMANDS

DOCUMENT = Path(__file__).parents[2] / "docs" / "command.md"


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


def completed(cli, words: str) -> list[str]:
    """What bash is told for the last word: kinds and values."""
    number = str(len(words.split(" ")) - 1)
    variables = {"_NZIP_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": number}
    return cli("", env={**os.environ, **variables}).out.decode().splitlines()


def test_what_can_be_restored_is_completed_first(cli):
    (cli.folder / "sub").mkdir()
    for name in "b.nz", "a.nz", "a.txt", ".hidden.nz", "sub/c.nz", "sub/two words.nz", "sub/d":
        cli.write(name, b"")
    packed = ["plain,a.nz", "plain,b.nz", "plain,sub/"]
    assert completed(cli, "nzip d ") == completed(cli, "nzip -d ") == completed(cli, "nzip t -T 2 ") == packed
    assert completed(cli, "nzip l a.n") == ["plain,a.nz"]
    assert completed(cli, "nzip d .h") == ["plain,.hidden.nz"]
    # What needs quotes, folders alone and all other files are the shell's own affair.
    for words in (
        "nzip d sub/",
        "nzip d su",
        "nzip d x",
        "nzip d ~/",
        "nzip c ",
        "nzip c -o ",
        "nzip d --prime ",
    ):
        last = words.rpartition(" ")[2]
        assert completed(cli, words) == [f"file,{last}"]


def test_bash_completes_names(cli):
    bash = shutil.which("bash") or pytest.skip("no bash here")
    cli.write("nzip", f'#!/bin/sh\nexec "{sys.executable}" -m nzip "$@"\n'.encode()).chmod(0o755)
    cli.write("x.nz", b"")
    cli.write("x.txt", b"")
    script = (
        'PATH="$PWD:$PATH"; eval "$(nzip completion bash)"; COMP_WORDS=(nzip d x); COMP_CWORD=2\n'
        "compopt() { :; }; _nzip_completion nzip; echo ${COMPREPLY[*]}"
    )
    found = subprocess.run([bash, "-c", script], cwd=cli.folder, capture_output=True, text=True, check=True)
    assert found.stdout == "x.nz\n"


def test_a_shell_that_is_not_known(cli):
    result = cli("completion", "cmd")
    assert result.code == 64
    assert "bash" in result.err


def test_the_manual_page(cli):
    page = cli.ok("man").out.decode()
    for command in list(COMMANDS)[:4]:
        assert f".SS nzip {command} " in page
    assert r"\fB\-\-block\-size" in page
    codes = re.findall(r"^\.TP\n\\fB(\d+)\\fR$", page, re.MULTILINE)
    assert codes == re.findall(r"^\| (\d+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)


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
