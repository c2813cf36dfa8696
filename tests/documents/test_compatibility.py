"""docs/compatibility.md lists the versions of every format that the code reads and writes."""

import pathlib
import re

from nzip.codecs.table import CODECS
from nzip.engines import CURRENT
from nzip.format import versions
from nzip.format.registry import EngineId

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "compatibility.md"
ENGINES = {EngineId.CONTEXT_MIXING: "engine 1, context mixing", EngineId.ARRAYS: "engine 2, arrays"}
FORMATS = {
    "CONTAINER": "container (`.nz`, `.nza`)",
    "MODEL_FILE": "model file (`.nzm`)",
    "PROFILE_FILE": "profile file (`.nzp`)",
    "LANGUAGE_MODEL": "language model, llama.cpp's floats",
    "EXACT_SCHEME": "language model, exact: arithmetic",
    "EXACT_LANGUAGE_MODEL": "language model, exact: bytes",
    "LEDGER": "ledger of batch jobs",
    "GGUF": "GGUF",
}


def span(numbers):
    oldest, newest = min(numbers), max(numbers)
    return str(newest) if oldest == newest else f"{oldest} to {newest}"


def test_the_page_has_every_version():
    expected = {}
    for engine, name in ENGINES.items():
        revisions = [revision for known, revision in CODECS if known == engine]
        newest = CURRENT[1] if engine == CURRENT[0] else max(revisions)
        expected[name] = (span(revisions), str(newest))
    for constant, known in vars(versions).items():
        if isinstance(known, versions.Versions):
            writes = "-" if constant == "GGUF" else str(known.newest)
            expected[FORMATS[constant]] = (span(known), writes)
    section = PAGE.read_text(encoding="utf-8").split("## Versions of the formats")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    assert {name: (reads, writes) for name, reads, writes in rows if name != "format"} == expected
