#!/usr/bin/env bash
# nzip inside other libraries, with the real ones.
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2046 # one word for each
python -m pip install -q --retries 1 $(requirements hooks) || skip "the libraries cannot be installed"
pytest=$(dirname "$PYTHON")/pytest
"$pytest" -n auto tests/hooks tests/documents/test_doctests.py
"$pytest" -n auto tests/faults -k "fsspec or smart_open"
