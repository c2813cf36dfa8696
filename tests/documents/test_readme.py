"""README.md and the users' pages tell the truth: examples run, options and exit codes are those there are."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nzip
from nzip.cli import console

ROOT = Path(__file__).parents[2]
NAMES = (
    "README",
    *(
        f"docs/{name}"
        for name in ("command", "archives", "batch", "guide", "models", "language-models", "library")
    ),
)
PAGES = {name: (ROOT / f"{name}.md").read_text(encoding="utf-8") for name in NAMES}


@pytest.mark.parametrize(("name", "least"), [("README", 6), ("docs/library", 13)])
def test_examples(tmp_path, monkeypatch, name, least):
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(ROOT / f"{name}.md"), module_relative=False)
    assert result.attempted >= least
    assert result.failed == 0


def test_every_page_with_examples_is_run():
    assert {name for name, page in PAGES.items() if ">>> " in page} == {"README", "docs/library"}


def test_options_exist(tmp_path):
    helps = "".join(
        subprocess.run(
            [sys.executable, "-m", "nzip", *command.split(), "-h"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for command in (
            "c",
            "d",
            "batch",
            "report",
            "bench",
            "train",
            "models add",
            "archive create",
            "archive extract",
        )
    )
    for option in re.findall(r"(?<=`)--?[a-zA-Z][a-z-]*", "\n".join(PAGES.values())):
        assert re.search(rf"(?<![-\w]){option}(?![-\w])", helps), option


def test_every_error_has_its_exit_code():
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGES["docs/command"], re.MULTILINE)}
    classes = [getattr(nzip, name) for name in nzip.__all__ if name.endswith("Error")]
    constants = [value for name, value in vars(console).items() if name.startswith("EXIT_")]
    assert documented == {0, *(error.exit_code for error in classes), *constants}
