#!/bin/bash -eu
# Builds all targets with OSS-Fuzz's compiler, flags and engine, and packs their seeds.
cmake -S native -B "$WORK/build" -G Ninja -DNZIP_PYTHON=OFF -DCMAKE_BUILD_TYPE=None \
  -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_CXX_FLAGS="$CXXFLAGS" -DNZIP_FUZZER="$LIB_FUZZING_ENGINE"
cmake --build "$WORK/build" --target fuzz_targets
for program in "$WORK"/build/fuzz/fuzz_*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  name=$(basename "$program")
  cp "$program" "$OUT/"
  (cd "fuzz/seeds/${name#fuzz_}" && zip -q "$OUT/${name}_seed_corpus.zip" ./*)
done
