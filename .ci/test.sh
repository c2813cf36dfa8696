#!/usr/bin/env bash
# The tests, by the very command that README.md gives, in a checkout without a virtual environment.
. "$(dirname "$0")/lib.sh"
rm -rf .venv
bash -euo pipefail -c "$(sed -n '/<!-- test -->/,/^```$/{/^\(<!--\|```\)/!p}' README.md)"
