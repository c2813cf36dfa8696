#!/usr/bin/env bash
# gcc -O0 and clang -O2 give the bytes of gcc -O3, which the package is built with.
. "$(dirname "$0")/lib.sh"
need cmake cmake
need ninja ninja-build
need g++ g++
need clang++ clang
make_vectors
for compiler in "g++ -O0" "clang++ -O2"; do
  build "${compiler% *}" -DCMAKE_CXX_COMPILER="${compiler% *}" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="${compiler#* }"
done
check g++ scalar & # slow, so only the code that the other instruction sets' is compared with
slow=$!
check clang++ "$(variants)"
wait "$slow"
