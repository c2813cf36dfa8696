#!/usr/bin/env bash
# Style and types: ruff, mypy --strict, clang-format, in the versions that pyproject.toml names.
. "$(dirname "$0")/lib.sh"
# The tools alone: nzip is there, and to install it once more would build it once more.
tools=$(python -c '
from importlib.metadata import requires
print(*(line.split(";")[0] for line in requires("nzip") if "\"dev\"" in line and not line.startswith("nzip")))')
# shellcheck disable=SC2086 # one word for each
python -m pip install -q $tools || skip "the tools cannot be installed"
python -m ruff check .
python -m ruff format --check .
python -m mypy
find native nzip -name '*.?pp' -print0 | xargs -0 "$(dirname "$PYTHON")/clang-format" --dry-run -Werror
