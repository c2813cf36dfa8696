#!/usr/bin/env bash
# Whether a version can be released: docs/releasing.md. Builds it into dist/ if so, and says what is left to do.
#   packaging/release.sh VERSION
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1:?usage: packaging/release.sh VERSION}

step() { printf '== %s\n' "$*"; }
must() {
  local what=$1
  shift
  "$@" >/dev/null 2>&1 || {
    echo "does not hold: $what"
    exit 1
  }
}

step "names and numbers"
must "the working tree is clean" test -z "$(git status --porcelain)"
must "pyproject.toml has the version" grep -qx "version = \"$version\"" pyproject.toml
must "nzip/__init__.py has it" grep -qx "__version__ = \"$version\"" nzip/__init__.py
must "the manual page has it" grep -q "\"nzip $version\"" packaging/nzip.1
newest=$(grep -m 1 '^## ' CHANGELOG.md)
must "CHANGELOG.md begins with it, not with \"$newest\"" grep -q "^## \[$version\]" <<<"$newest"
must "the tag v$version is free" test -z "$(git tag --list "v$version")"

step "everything that CI runs"
.ci/run
.ci/fuzz.sh

step "the wheel"
.ci/wheel.sh

step "left to do"
cat <<END
git tag -s v$version && git push origin v$version
wait for the workflow "wheels", and download what it made into a folder
compare its wheel for this system with dist/*.whl
publish its wheels, dist/*.tar.gz and SHA256SUMS
END
