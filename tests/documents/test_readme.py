"""README.md tells the truth: its examples run, and its options, exit codes and links are those there are."""

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
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_examples(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted > 5
    assert result.failed == 0


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
    for option in re.findall(r"(?<=`)--?[a-zA-Z][a-z-]*", README):
        assert re.search(rf"(?<![-\w]){option}(?![-\w])", helps), option


def test_every_error_has_its_exit_code():
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    classes = [getattr(nzip, name) for name in nzip.__all__ if name.endswith("Error")]
    constants = [value for name, value in vars(console).items() if name.startswith("EXIT_")]
    assert documented == {0, *(error.exit_code for error in classes), *constants}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_links_lead_somewhere(target):
    assert target.startswith("https://") or (ROOT / target).exists(), target
