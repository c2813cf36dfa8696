"""The pages in docs/format/engine1 say of contexts, words and starts what the code has."""

import ast
import hashlib
import re
from pathlib import Path

import pytest

from nzip.models import nzp
from nzip.models.shipped import FOLDER

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "format" / "engine1"
CONTEXTS = ROOT / "native" / "engine1" / "contexts"
WORD_CLASSES = ROOT / "native" / "engine1" / "word_classes.inc"
FORMULA = re.compile(r"\b(mix|by|exact|order)\((\d+), ")
PLACES = re.compile(r"^ {2,}(\d+w?|-) +(\d+w?|-) +(\d+w?|-) +(\d+w?|-)   (\S.*)$")
PLACE = re.compile(r"^ {4,5}(\d+)   (\S.*)$")
CONTEXTS_OF_SETS = 5, 9, 20, 36


def page(name):
    return (PAGES / name).read_text(encoding="utf-8")


def section(text, title):
    return re.split(r"^## ", text.split(f"\n## {title}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def places(title):
    """Of each component set, the places that a list of contexts.md names, and all formulas."""
    lines = re.sub(r"\n {9,}\|", " |", section(page("contexts.md"), title)).splitlines()
    rows = [found.groups() for found in map(PLACES.match, lines[1:]) if found and found[5] != "context"]
    columns = zip(*(row[:4] for row in rows), strict=True)
    numbers = [sorted(int(each.rstrip("w")) for each in column if each != "-") for column in columns]
    return numbers, [row[4] for row in rows]


@pytest.mark.parametrize("title", ["Text", "Binary", "Records", "Bilevel"])
def test_each_set_has_all_its_contexts(title):
    numbers, formulas = places(title)
    whole = title in ("Text", "Records")  # the general ones follow the others
    own = CONTEXTS_OF_SETS if whole else (*CONTEXTS_OF_SETS[:3], 28)
    assert numbers == [list(range(count)) for count in own]
    for formula in formulas:
        ast.parse(formula, mode="eval")


def test_general_contexts_end_the_lists():
    assert places("General")[0] == [[], [], [], list(range(28, 36))]


def test_lists_of_machine_code_and_numbers_have_no_gaps():
    for name, counts in ("code.md", (34, 31, 28)), ("samples.md", (28,)):
        rows = [PLACE.match(line) for line in section(page(name), "Contexts").splitlines()]
        assert [int(row[1]) for row in rows if row] == [place for count in counts for place in range(count)]


def test_code_and_pages_have_the_same_contexts():
    code = " ".join(" ".join(path.read_text(encoding="utf-8") for path in CONTEXTS.glob("*.hpp")).split())
    rows = re.findall(r"return (?:v\.)?((?:mix|by|exact|order)\(\d+, )", code)
    lists = page("contexts.md"), section(page("code.md"), "Contexts"), section(page("samples.md"), "Contexts")
    lines = [line for text in lists for line in text.splitlines() if line.startswith("    ")]
    firsts = [found.groups() for found in map(FORMULA.search, lines) if found]
    assert {FORMULA.match(row).groups() for row in rows} == set(firsts)


def test_word_classes_are_those_that_the_page_names():
    assert hashlib.sha256(WORD_CLASSES.read_bytes()).hexdigest() in page("lane.md")
    lines = WORD_CLASSES.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 64
    assert all(re.fullmatch(r'"[^"\\]+",', line) for line in lines)


def test_starts_have_the_sizes_that_the_page_names():
    rows = re.findall(r"^\| (\d) \| ([\d,]+) \| ([\d,]+) \|$", page("starts.md"), re.MULTILINE)
    sizes = {int(number): tuple(int(size.replace(",", "")) for size in each) for number, *each in rows}
    for component_set, name in enumerate(("fast", "balanced", "strong", "full"), 1):
        files = [Path(FOLDER, f"{name}{rest}.nzp").read_bytes() for rest in ("", "-network")]
        assert sizes[component_set] == tuple(len(nzp.parse(file).start) for file in files)
