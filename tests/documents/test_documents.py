"""The documents can be read and followed: short lines, links and files that are there."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 100
# A line that cannot be broken: a command that CI reads.
WHOLE = "python3 -m venv"
SOURCES = "native", "nzip", "tests"
TEXTS = {".py", ".hpp", ".cpp", ".md", ".sh"}
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def name(path):
    return str(path.relative_to(ROOT))


def anchors(path):
    """As GitHub makes them of the headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_lines_are_short(document):
    lines = document.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > LONGEST and not line.startswith(WHOLE)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_links_lead_somewhere(document):
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_documents_that_files_name_are_there():
    folders = "nzip", "native", "tests", "docs", ".ci"
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.*") if path.suffix in TEXTS]
    named = {
        name
        for path in files
        for name in re.findall(r"docs/[a-z0-9/-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert {name for name in named if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_source_files_are_there(document):
    """A path is that of a file or folder; a name alone is that of a file in some folder."""
    text = document.read_text(encoding="utf-8")
    for path in re.findall(r"(?<![\w/.-])(?:native|nzip|tests|training|corpora)/[\w./-]*\w", text):
        assert (ROOT / path).exists(), path
    for file in re.findall(r"`([\w/]+\.(?:hpp|cpp|inc|py))`", text):
        assert (ROOT / file).exists() or any(any((ROOT / top).rglob(file)) for top in SOURCES), file


EXPERIMENTS = ROOT / "docs" / "experiments"


@pytest.mark.parametrize("table", sorted(EXPERIMENTS.glob("*.csv")), ids=name)
def test_experiments_are_tables_that_are_explained(table):
    with table.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert all(header)
    assert len(set(header)) == len(header)
    assert rows
    assert {len(row) for row in rows} == {len(header)}
    assert f"[{table.name}]({table.name})" in (EXPERIMENTS / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")), ids=name)
def test_decisions_are_listed(page):
    title = page.read_text(encoding="utf-8").splitlines()[0].removeprefix(f"# {page.name[:3]}. ")
    index = " ".join((page.parent / "README.md").read_text(encoding="utf-8").split())
    assert f"- [{page.name[:3]}]({page.name}) {title}" in index


def test_the_architecture_is_read_in_one_sitting():
    assert len((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split()) <= 1500
