#!/usr/bin/env bash
# gcc -O0, gcc -O3 and clang -O2 give the same bytes, with every instruction set.
. "$(dirname "$0")/lib.sh"
need cmake cmake
need ninja ninja-build
need g++ g++
need clang++ clang
make_vectors
for compiler in "g++ -O0" "g++ -O3" "clang++ -O2"; do
  folder=$scratch/${compiler// /}
  build "$folder" -DCMAKE_CXX_COMPILER="${compiler% *}" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="${compiler#* }"
  for simd in $(variants); do
    echo "$compiler, $simd"
    check "$simd" "$folder"
  done
done
