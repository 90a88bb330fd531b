#!/bin/sh
# Builds the core for AArch64 with a cross compiler and tests the NEON kernels under emulation.
# Needs g++-aarch64-linux-gnu and qemu-user.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
compile="aarch64-linux-gnu-g++ -std=c++20 -O2 -ffp-contract=off -Wall -Wextra -Werror -static -pthread"
. "$root/tests/native/build.sh"
for program in "$build"/test_*; do
    qemu-aarch64 "$program"
done
