#!/usr/bin/env bash
# The native core with AddressSanitizer and UndefinedBehaviorSanitizer, over every vector, with every instruction set.
. "$(dirname "$0")/lib.sh"
need cmake cmake
need ninja ninja-build
make_vectors
build "$scratch/build" -DNZIP_SANITIZE=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo
for simd in $(variants); do
  echo "$simd"
  check "$simd" "$scratch/build"
done
