"""The rooms of native/ include one another in one direction only."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

NATIVE = Path(__file__).resolve().parents[2] / "native"

# What each room may include beside its own files. What decides a byte (engine1 and what it includes) must
# never change once it is frozen; what only the encoder runs (detect) may, so nothing includes it but the
# bindings.
ROOMS = {
    "base": [],
    "arrays": ["base"],
    "coder": [],
    "experts": ["base"],
    "transforms": ["base", "coder"],
    "engine": ["base", "experts"],
    "engine1": ["base", "coder", "experts", "engine"],
    # Machine code is recognised by how the engine's parsers read it.
    "detect": ["base", "arrays", "transforms", "engine1/code/x86_state.hpp", "engine1/code/wasm_state.hpp"],
    "bindings": ["base", "arrays", "coder", "experts", "transforms", "engine", "detect"],
    "tests": ["base", "arrays", "coder", "experts", "transforms", "engine", "engine1", "detect"],
}

SOURCES = sorted(path for path in NATIVE.rglob("*.?pp") if path.parent != NATIVE)


def included(path: Path) -> Iterator[str]:
    return iter(re.findall(r'^#include "([^"]+)"', path.read_text(), re.MULTILINE))


def test_every_folder_is_a_room() -> None:
    assert {path.name for path in NATIVE.iterdir() if path.is_dir()} == ROOMS.keys()
    assert len(ROOMS) <= 10


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_run_one_way(room: str) -> None:
    allowed = {room, *ROOMS[room]}
    wrong = [
        f"{path.relative_to(NATIVE)} includes {name}"
        for path in SOURCES
        if path.relative_to(NATIVE).parts[0] == room
        for name in included(path)
        if name not in allowed and name.partition("/")[0] not in allowed
    ]
    assert not wrong


def test_includes_name_files_of_native() -> None:
    assert [name for path in SOURCES for name in included(path) if not (NATIVE / name).is_file()] == []
