"""What was written once is read for ever, and what was refused is refused in the same way."""

import hashlib
import io
import json
import re

import make_golden
import pytest
from support import golden_facts, golden_models
from support.engines import ENGINE
from support.format_document import DOCUMENT

import nzip
from nzip.archive import Archive, MemberKind
from nzip.format.registry import EngineId
from nzip.models import folders, shipped

GOLDEN = json.loads((make_golden.FOLDER / "manifest.json").read_text())
ERRORS = json.loads((make_golden.ERRORS / "manifest.json").read_text())
ARCHIVES = json.loads((make_golden.ARCHIVES / "manifest.json").read_text())


@pytest.fixture(autouse=True, scope="module")
def _models():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(folders.VARIABLE, golden_models.UNPACKED.name)
        golden_models.unpack()
        yield


@pytest.mark.parametrize("name", GOLDEN)
def test_decoding(name):
    path = make_golden.FOLDER / f"{name}.nz"
    plain = nzip.decompress(path.read_bytes(), prime=golden_models.PRIME, ref=golden_models.REFERENCE)
    assert (len(plain), hashlib.sha256(plain).hexdigest()) == (GOLDEN[name]["size"], GOLDEN[name]["sha256"])
    assert nzip.info(path).total_plain == len(plain)


@pytest.mark.parametrize("name", GOLDEN)
def test_encoding(name):
    """The same input gives the same bytes as long as the container and the engine's revision are the same."""
    case = {**make_golden.STORED, **make_golden.CODED}[name]
    message = "coded bytes changed: if that is meant, python tests/make_golden.py --replace"
    assert case.encode() == (make_golden.FOLDER / f"{name}.nz").read_bytes(), message


def test_every_component_set_has_every_kind_of_data_lanes_and_runs():
    seen = set()
    for path in make_golden.FOLDER.glob("*.nz"):
        for stream in nzip.info(path).streams:
            for coding in (block.header.coding for block in stream.blocks if block.header.coding):
                if coding.engine != EngineId.CONTEXT_MIXING or isinstance(coding.profile, bytes):
                    continue
                component_set = shipped.ROWS[coding.profile].component_set
                seen |= {(component_set, "kind", segment.kind) for segment in coding.segments}
                seen |= {
                    (component_set, "lanes", coding.lanes),
                    (component_set, "continues", coding.continues),
                }
    for component_set in 1, 2, 3, 4:
        assert {(component_set, "kind", kind) for kind in ENGINE.segment_kinds} <= seen
        assert {(component_set, "lanes", lanes) for lanes in (1, 2, 3, 64, 1000)} <= seen
        assert (component_set, "continues", True) in seen


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    data = (make_golden.ERRORS / f"{name}.nz").read_bytes()
    with pytest.raises(getattr(nzip, ERRORS[name]["error"])) as caught:
        nzip.decompress(data, memory_limit=10**9)
    assert type(caught.value).__name__ == ERRORS[name]["error"]


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives(name):
    data = (make_golden.ARCHIVES / f"{name}.nz").read_bytes()
    if "error" not in ARCHIVES[name]:
        assert make_golden.describe(data) == ARCHIVES[name]["members"]
        return
    with pytest.raises(getattr(nzip, ARCHIVES[name]["error"])) as caught:
        Archive(io.BytesIO(data), memory_limit=10**6)
    assert type(caught.value).__name__ == ARCHIVES[name]["error"]


def test_every_kind_of_member_has_a_golden_file():
    kinds = {member[1] for entry in ARCHIVES.values() for member in entry.get("members", ())}
    assert kinds == set(MemberKind) - {MemberKind.COPY}  # which is a file to a reader
    blocks = {
        len(nzip.info(make_golden.ARCHIVES / f"{name}.nz").streams[0].blocks)
        for name, entry in ARCHIVES.items()
        if "members" in entry
    }
    assert blocks == {0, 1, 2}


def test_every_class_of_error_has_a_golden_file():
    # Limits of output and time are the caller's, so no file alone breaks them.
    classes = {name for name in nzip.__all__ if name.endswith("Error")} - {
        "NzipError",
        "NzipLimitError",
        "NzipTimeError",
    }
    assert classes == {entry["error"] for entry in ERRORS.values()}


SHOWN: dict[str, set[str]] = {}
for file, shown in re.findall(r"^\| `(golden\w*/[\w-]+\.nz)` \| (.*) \|$", DOCUMENT, re.MULTILINE):
    SHOWN.setdefault(file, set()).update(shown.split(", "))


@pytest.mark.parametrize("file", SHOWN)
def test_a_file_shows_what_the_document_says(file):
    assert SHOWN[file] <= golden_facts.facts(make_golden.FOLDER.parent / file)


def test_all_that_the_container_has_is_shown():
    assert set().union(*SHOWN.values()) == golden_facts.required()


def test_golden_files_are_small():
    folders = make_golden.FOLDER, make_golden.ERRORS, make_golden.ARCHIVES
    assert sum(path.stat().st_size for folder in folders for path in folder.iterdir()) < 300_000


def test_nothing_is_missing():
    for folder, entries in (
        (make_golden.FOLDER, GOLDEN),
        (make_golden.ERRORS, ERRORS),
        (make_golden.ARCHIVES, ARCHIVES),
    ):
        assert {path.stem for path in folder.glob("*.nz")} == set(entries)
