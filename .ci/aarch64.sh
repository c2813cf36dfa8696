#!/usr/bin/env bash
# A build for aarch64, run by qemu, gives the same bytes: scalar and NEON.
. "$(dirname "$0")/lib.sh"
need cmake cmake
need ninja ninja-build
need aarch64-linux-gnu-g++ g++-aarch64-linux-gnu
need qemu-aarch64-static qemu-user-static
make_vectors
build aarch64 -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
  -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_BUILD_TYPE=Release -DCMAKE_EXE_LINKER_FLAGS=-static
check aarch64 "scalar neon" qemu-aarch64-static
