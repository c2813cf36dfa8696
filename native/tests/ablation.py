"""Measures what the components of a set are worth: sizes and times with each of them left out.

    python native/tests/ablation.py [--set 4] [--train FOLDER] [--only NAME] FILE...

FILEs are the tuning set: never what results are reported on. FOLDER has documents to train the start on.
Every variant is a copy of native/ with one edit, built and run by itself, which takes a minute or two; a
table comes out, in percent of the whole.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NATIVE = Path(__file__).resolve().parent.parent

HEAD = r"(struct {set} (?:(?!\nstruct ).)*?"  # up to what is edited, within a set

# Name: the file below native/, what is replaced, by what. {set} stands for the set's struct.
EDITS = {
    **{
        f"the part {part}": (
            "engine1/predictors.hpp",
            rf"(Predictors<{{set}}> \{{{{\n  using Alone = [^;]*?), {part}\b",
            r"\g<1>",
        )
        for part in ("Runs", "RunsOrNumbers", "Matches", "Maps", "Bias", "Apms")
    },
    "a third opinion of a history": ("engine1/component_sets.hpp", HEAD + r"kOpinions = )3", r"\g<1>2"),
    "any second opinion": ("engine1/component_sets.hpp", HEAD + r"kOpinions = )\d", r"\g<1>1"),
    "APMs but the first": ("engine1/component_sets.hpp", HEAD + r"kApms = )\d", r"\g<1>1"),
    "the last weight set": ("engine1/component_sets.hpp", HEAD + r"kSets = )(\d+)", r"\g<1>\g<2> - 1"),
    "weight sets but the first": ("engine1/component_sets.hpp", HEAD + r"kSets = )\d+", r"\g<1>1"),
    "the second match model": (
        "engine1/component_sets.hpp",
        HEAD + r"kMatchMin\[\] = {{\d+), \d+",
        r"\g<1>",
    ),
    **{
        f"the context {name!r} of {path.stem}": (
            f"engine1/contexts/{path.name}",
            rf'(Row{{"{re.escape(name)}",[^[]*\[\]\(const \w+&) \w+\) {{\s*return [^;]*;\s*}}',
            r"\g<1>) { return uint64_t(0); }",
        )
        for path in sorted((NATIVE / "engine1/contexts").glob("*.hpp"))
        for name in re.findall(r'Row{"([^"]+)"', path.read_text())
    },
}
SETS = {1: "FastSet", 2: "BalancedSet", 3: "StrongSet", 4: "FullSet"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", type=int, choices=SETS, default=4)
    parser.add_argument("--table", type=int, default=26, help="log2 of the hash table's bytes [26]")
    parser.add_argument("--train", type=Path, metavar="FOLDER")
    parser.add_argument("--only", metavar="NAME", help="variants whose name contains this")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    options = parser.parse_args()
    training = sorted(options.train.iterdir()) if options.train else []
    arguments = [options.set, options.table, *training, "--", *options.files]
    whole = measure(None, arguments, options.set)
    if whole is None:
        sys.exit("native/ does not build")
    print(f"{'(nothing)':32}{whole[0]:>12,}{whole[1]:9.1f} s", flush=True)
    for name, edit in EDITS.items():
        if options.only and options.only not in name:
            continue
        found = measure(edit, arguments, options.set)
        if found is None:
            print(f"{name:32} is not in this set, or it does not build without")
            continue
        size, seconds = found
        change, faster = size / whole[0] - 1, seconds / whole[1] - 1
        print(f"{name:32}{size:>12,}{change:+9.2%} size{faster:+9.1%} time", flush=True)


def measure(
    edit: tuple[str, str, str] | None, arguments: list[object], component_set: int
) -> tuple[int, float] | None:
    """Bytes and seconds of all files together; None where the edit does not fit or does not build."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "native")
        shutil.copytree(NATIVE, source)
        shutil.copytree(NATIVE.parent / "fuzz", Path(scratch, "fuzz"))  # which native/ builds, too
        if edit is not None:
            name, pattern, replacement = edit
            path = source / name
            pattern = pattern.format(set=SETS[component_set]) if "{set}" in pattern else pattern
            text, count = re.subn(pattern, replacement, path.read_text(), count=1, flags=re.DOTALL)
            if count != 1:
                return None
            path.write_text(text)
        build = Path(scratch, "build")
        for command in (
            ["cmake", "-S", source, "-B", build, "-DNZIP_PYTHON=OFF", "-DCMAKE_BUILD_TYPE=Release"],
            ["cmake", "--build", build, "--target", "nzip_measure", "--parallel"],
        ):
            if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
                return None
        command = [str(each) for each in (build / "nzip_measure", *arguments)]
        rows = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    fields = [row.split("\t") for row in rows]
    return sum(int(each[2]) for each in fields), sum(float(each[3]) for each in fields)


if __name__ == "__main__":
    main()
