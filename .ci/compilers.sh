#!/usr/bin/env bash
# gcc -O0 and clang -O2 give the bytes of gcc -O3, which the package is built with, with every instruction set.
. "$(dirname "$0")/lib.sh"
need cmake cmake
need ninja ninja-build
need g++ g++
need clang++ clang
make_vectors
for compiler in "g++ -O0" "clang++ -O2"; do
  echo "$compiler"
  name=${compiler// /}
  build "$name" -DCMAKE_CXX_COMPILER="${compiler% *}" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="${compiler#* }"
  check "$name" "$(variants)"
done
