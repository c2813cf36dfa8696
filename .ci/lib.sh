# What the stages share. A stage ends with 0 (passed), 77 (skipped, the reason printed) or anything else (failed).

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

skip() {
  echo "skipped: $*"
  exit 77
}

# need COMMAND PACKAGE: the command is there, or Debian's package brings it.
need() {
  command -v "$1" >/dev/null && return
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    { apt-get -qq update && apt-get -qq install -y "$2"; } >/dev/null 2>&1 || true
  fi
  command -v "$1" >/dev/null || skip "$1 is not here (package $2)"
}

# What one stage compiled the others need not, nor the next run, wherever its folders are.
if (need ccache ccache) >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
fi

# An interpreter with this nzip installed: PYTHON, or that of the virtual environment which test.sh makes.
python() {
  if [ -z "${PYTHON:-}" ]; then
    PYTHON=$PWD/.venv/bin/python
    if [ ! -x "$PYTHON" ]; then
      python3 -m venv .venv
      "$PYTHON" -m pip install -q '.[test]'
    fi
  fi
  "$PYTHON" "$@"
}

# requirements EXTRA: what it needs beside nzip, which is there: to install that once more would build it once more.
requirements() {
  python -c '
import sys
from importlib.metadata import requires
extra = f"extra == \"{sys.argv[1]}\""
lines = [line.replace("\x27", "\"").partition(";") for line in requires("nzip")]
print(*(name for name, _, condition in lines if extra in condition and not name.startswith("nzip")))' "$1"
}

# The instruction sets that this processor has.
variants() {
  echo scalar
  grep -qw avx2 /proc/cpuinfo && echo avx2
  grep -qw avx512_vnni /proc/cpuinfo && echo avx512
  return 0
}

# Networks with their predictions, and blocks to code and decode, all without Python: the golden blocks and, at every
# level, larger ones of text and machine code. The larger ones have no network and none has the shipped prime: these
# take an emulated or instrumented machine minutes, and smaller blocks run through the same code. So does the longest
# golden text with a network.
make_vectors() {
  head -c 12000 >"$scratch/sample" < <(cat docs/*.md native/engine1/*.hpp 2>/dev/null) # cat may be cut off, unlike in a pipe
  head -c 10000 "$(command -v bash)" >>"$scratch/sample"
  local options golden
  python -c pass # so that there is one
  for options in -1 -3 -5 "-3 --lanes 5" "-5 --solid --block-size 8K"; do
    # Away from the checkout, where -m would find the package without its native part.
    (cd "$scratch" && python -m nzip c -n --model none --prime none $options sample -o "sample${options// /}.nz")
  done
  mapfile -t golden < <(find tests/golden -name '*.nz' ! -name primed-default.nz ! -name network.nz | sort)
  python tests/make_vectors.py "$scratch/vectors" "${golden[@]}" "$scratch"/sample*.nz
  python tests/make_network_vectors.py "$scratch/network_vectors"
}

fuzz_targets=(arrays bzip2 deflate detect engine gif jpeg network rows state tokens)

# check NAME "SIMD..." [EMULATOR]: the programs of that build find what they should, with all instruction sets at once.
check() {
  local folder=build/ci-$1 simd program pid pids=()
  for program in parts two_engines; do
    ${3:-} "$folder/nzip_$program"
  done
  for program in "${fuzz_targets[@]}"; do
    ${3:-} "$folder/fuzz/fuzz_$program" 20 "fuzz/seeds/$program"/*
  done
  ${3:-} "$folder/nzip_pictures" tests/data/*.jpg
  for simd in $2; do
    for program in vectors network_vectors arrays; do
      NZIP_SIMD=$simd ${3:-} "$folder/nzip_$program" "$scratch/$program" &
      pids+=($!)
    done
  done
  for pid in "${pids[@]}"; do
    wait "$pid"
  done
}

# build NAME [CMAKE OPTION...]: the programs that check vectors, without Python.
build() {
  local folder=build/ci-$1 targets=(nzip_vectors nzip_network_vectors nzip_arrays nzip_parts nzip_pictures nzip_two_engines)
  [ "$1" != fuzz ] || targets=()
  targets+=(fuzz_targets)
  shift
  cmake -S native -B "$folder" -G Ninja -DNZIP_PYTHON=OFF "$@" >"$scratch/log" 2>&1 &&
    cmake --build "$folder" --target "${targets[@]}" >>"$scratch/log" 2>&1 || {
    tail -n 40 "$scratch/log"
    return 1
  }
}
