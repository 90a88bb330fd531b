#!/bin/sh
# Builds the core for AArch64 with a cross compiler and tests the NEON kernels under emulation.
# Needs g++-aarch64-linux-gnu and qemu-user.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
for test in "$root"/tests/native/test_*.cpp; do
    program="$build/$(basename "$test" .cpp)"
    aarch64-linux-gnu-g++ -std=c++20 -O2 -ffp-contract=off -Wall -Wextra -Werror -static -pthread \
        -I"$root/src_cpp/include" -I"$root/src_cpp" \
        "$root"/src_cpp/cpu/*.cpp "$root"/src_cpp/hamming/*.cpp "$root"/src_cpp/image_hash/*.cpp "$root"/src_cpp/memory/*.cpp \
        "$root"/src_cpp/vector/*.cpp \
        "$test" -o "$program"
    qemu-aarch64 "$program"
done
