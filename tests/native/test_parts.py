"""The native core's own tests of its parts, compiled here without vector instructions."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

NATIVE = Path(__file__).resolve().parents[2] / "native"
COMPILER = shlex.split(os.environ.get("CXX", "c++"))

ENGINE_1 = [
    *("base/memory.cpp", "base/simd_choice.cpp", "engine/table.cpp"),
    *(
        f"engine1/{name}.cpp"
        for name in ("code/addresses", "entry", "tables", "variant_scalar", "word_classes")
    ),
]

# What each program needs beside its own source.
PROGRAMS = {
    "arrays": [
        *("base/memory.cpp", "base/simd_choice.cpp"),
        *(
            f"arrays/{name}.cpp"
            for name in ("array", "frequencies", "plane", "rans", "types", "variant_scalar")
        ),
    ],
    "detectors": [f"detect/{name}.cpp" for name in ("detect", "executable", "packed", "samples")],
    "parts": ["base/memory.cpp", "engine1/tables.cpp", "engine1/word_classes.cpp"],
    "pictures": [
        *(str(path.relative_to(NATIVE)) for path in sorted(NATIVE.glob("transforms/jpeg/*.cpp"))),
        "transforms/gif.cpp",
    ],
    "experts": ENGINE_1,
    "two_engines": ENGINE_1,
}

# Targets of a fuzzer, which run without one, too, over their seeds and random inputs.
FUZZED = {
    "deflate": [
        *(str(path.relative_to(NATIVE)) for path in sorted(NATIVE.glob("transforms/deflate/*.cpp"))),
        "detect/deflate_streams.cpp",
    ],
    "gif": ["transforms/gif.cpp"],
    "rows": ["transforms/png_rows.cpp", "transforms/repeats.cpp", "detect/repeats.cpp"],
    "tokens": ["experts/token/distribution.cpp", "experts/token/vocabulary.cpp"],
}
FUZZ = NATIVE.parent / "fuzz"

ARGUMENTS = {"pictures": sorted((NATIVE.parent / "tests" / "data").glob("*.jpg"))}


@pytest.mark.skipif(shutil.which(COMPILER[0]) is None, reason="there is no compiler")
@pytest.mark.parametrize("program", PROGRAMS)
def test_parts(program: str, tmp_path: Path) -> None:
    sources = [f"tests/{program}.cpp", *PROGRAMS[program]]
    _run(sources, tmp_path / program, ARGUMENTS.get(program, []))


@pytest.mark.skipif(shutil.which(COMPILER[0]) is None, reason="there is no compiler")
@pytest.mark.parametrize("target", FUZZED)
def test_fuzz_targets(target: str, tmp_path: Path) -> None:
    sources = [str(FUZZ / "targets" / f"{name}.cpp") for name in (target, "replay")]
    seeds = sorted((FUZZ / "seeds" / target).iterdir())
    _run([*sources, *FUZZED[target]], tmp_path / target, ["200", *seeds])


def _run(sources: list[str], program: Path, arguments: list[str | Path]) -> None:
    command = [*COMPILER, "-std=c++20", "-ffp-contract=off", "-I.", *sources, "-o", str(program)]
    subprocess.run(command, cwd=NATIVE, check=True)
    subprocess.run([program, *arguments], check=True)
