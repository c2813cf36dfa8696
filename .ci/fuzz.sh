#!/usr/bin/env bash
# The fuzz targets under AddressSanitizer and UndefinedBehaviorSanitizer: all seeds, then FUZZ_SECONDS (20) of each.
. "$(dirname "$0")/lib.sh"
need cmake cmake
need ninja ninja-build
need clang++ clang
echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' >"$scratch/probe.cpp"
clang++ -fsanitize=fuzzer,address "$scratch/probe.cpp" -o "$scratch/probe" 2>/dev/null || skip "clang has no libFuzzer"
build fuzz -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_COMPILER=clang++ -DNZIP_FUZZER=-fsanitize=fuzzer,address,undefined \
  -DCMAKE_CXX_FLAGS="-O1 -g1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
seconds=${FUZZ_SECONDS:-20}
fuzz() { # TARGET
  mkdir -p "$scratch/corpus/$1"
  build/ci-fuzz/fuzz/fuzz_"$1" -max_total_time="$seconds" -max_len=4096 -timeout=60 -artifact_prefix="$scratch/$1-" \
    "$scratch/corpus/$1" "fuzz/seeds/$1" >"$scratch/$1.log" 2>&1 || {
    tail -n 40 "$scratch/$1.log"
    return 1
  }
  printf '%-9s %s\n' "$1" "$(grep '^Done' "$scratch/$1.log")"
}
for target in "${fuzz_targets[@]}"; do
  fuzz "$target"
done
python fuzz/container.py --seconds "$((3 * seconds))"
