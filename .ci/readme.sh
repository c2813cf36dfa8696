#!/usr/bin/env bash
# README.md's other promise: one command installs nzip and compresses a file, which then restores.
. "$(dirname "$0")/lib.sh"
tar --exclude=./.git --exclude=./.venv --exclude=./build -cf - . | tar -xf - -C "$scratch"
cd "$scratch"
export CCACHE_BASEDIR=$scratch
bash -euo pipefail -c "$(sed -n '/<!-- run -->/,/^```$/{/^\(<!--\|```\)/!p}' README.md)"
.venv/bin/nzip d -c ./*.nz | cmp - README.md
