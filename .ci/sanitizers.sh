#!/usr/bin/env bash
# The native core with AddressSanitizer and UndefinedBehaviorSanitizer, over every vector, with every instruction set.
. "$(dirname "$0")/lib.sh"
need cmake cmake
need ninja ninja-build
make_vectors
# With -O2 the instrumented evaluator alone takes minutes to compile.
build sanitizers -DNZIP_SANITIZE=ON -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O1
check sanitizers "$(variants)"
