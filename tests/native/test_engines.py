"""The table of engines, and that both languages mean the same by their numbers."""

import re
from enum import IntEnum
from pathlib import Path

import pytest
from support.samples import noise

from nzip import _native
from nzip.format import limits
from nzip.format.registry import EngineId, ExpertKind, InstructionSet, SegmentKind

NATIVE = Path(__file__).resolve().parents[2] / "native"
ENTRIES = {(entry.id, entry.revision): entry for entry in _native.engines()}


def test_engines_have_numbers_of_their_own() -> None:
    assert len(ENTRIES) == len(_native.engines())
    assert {number for number, _ in ENTRIES} <= set(EngineId)


@pytest.fixture(params=ENTRIES, ids=str)
def entry(request: pytest.FixtureRequest) -> _native.EngineEntry:
    return ENTRIES[request.param]


def test_a_file_has_a_meaning_for_all_that_an_engine_knows(entry: _native.EngineEntry) -> None:
    assert set(entry.segment_kinds) <= set(SegmentKind)
    assert set(entry.instruction_sets) <= set(InstructionSet)
    for component_set in entry.component_sets:
        assert set(entry.expert_kinds(component_set)) <= set(ExpertKind)


def test_every_component_set_codes(entry: _native.EngineEntry) -> None:
    plain = b"one and another and one " * 20
    for component_set in entry.component_sets:
        segments = [(kind, kind and 1, 40) for kind in entry.segment_kinds]
        text = plain[: 40 * len(segments)]
        coded = entry.engine(component_set, limits.MIN_TABLE_LOG2).encode(text, 3, segments)
        assert coded is not None
        engine = entry.engine(component_set, limits.MIN_TABLE_LOG2)
        assert engine.decode(coded, len(text), 3, segments) == text


def test_memory_and_snapshots(entry: _native.EngineEntry) -> None:
    for component_set in entry.component_sets:
        assert entry.memory(component_set, 22, 1000, 1) > 1 << 22
        assert entry.memory(component_set, 22, 1000, 1, 1 << 20) > entry.memory(component_set, 22, 1000, 1)
        assert entry.snapshot_size(component_set) > 1 << entry.snapshot_log2


def test_what_an_engine_does_not_know_is_refused(entry: _native.EngineEntry) -> None:
    unknown = max(entry.component_sets) + 1
    for call in (
        lambda: entry.expert_kinds(unknown),
        lambda: entry.memory(unknown, 22, 1000, 1),
        lambda: entry.snapshot_size(unknown),
        lambda: entry.warm(unknown, b"text"),
        lambda: entry.engine(unknown, 22),
    ):
        with pytest.raises(ValueError, match="component set"):
            call()
    engine = entry.engine(entry.component_sets[0], 22)
    with pytest.raises(ValueError, match="segment"):
        engine.encode(noise(100), 1, [(max(entry.segment_kinds) + 1, 0, 100)])


def _constants(path: str) -> dict[str, str]:
    """All `name = value` of a header, names in the style of Python."""
    text = re.sub(r"//.*", "", (NATIVE / path).read_text())
    pairs = re.findall(r"\bk(\w+) = ([^,;}]+)", text)
    return {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper(): value.strip() for name, value in pairs}


EXPERTS_OF_BYTES = {name: kind for name, kind in ExpertKind.__members__.items() if kind != ExpertKind.EARLIER}


@pytest.mark.parametrize(
    ("header", "numbers", "other_names"),
    [
        ("base/segments.hpp", {**SegmentKind.__members__, **InstructionSet.__members__}, {}),
        ("experts/byte_expert.hpp", EXPERTS_OF_BYTES, {"NETWORK": "BYTE_NETWORK"}),
    ],
)
def test_enums_agree(header: str, numbers: dict[str, IntEnum], other_names: dict[str, str]) -> None:
    found = {other_names.get(name, name): int(value) for name, value in _constants(header).items()}
    assert found == dict(numbers)


def test_limits_agree() -> None:
    for name, value in _constants("base/limits.hpp").items():
        base, _, shift = value.removeprefix("uint64_t(").replace(")", "").partition(" << ")
        assert int(base) << int(shift or 0) == getattr(limits, name)
