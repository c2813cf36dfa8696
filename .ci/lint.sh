#!/usr/bin/env bash
# Style, types and layers: ruff, mypy --strict, import-linter, clang-format, in the versions that pyproject.toml names.
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2046 # one word for each
python -m pip install -q $(requirements dev) || skip "the tools cannot be installed"
python -m ruff check .
python -m ruff format --check .
python -m mypy
"$(dirname "$PYTHON")/lint-imports" --no-logo
find native nzip fuzz -name '*.?pp' -print0 | xargs -0 "$(dirname "$PYTHON")/clang-format" --dry-run -Werror
