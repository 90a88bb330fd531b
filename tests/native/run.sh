#!/bin/sh
# Builds the core without Python under the address and undefined-behaviour sanitizers and runs each
# test_*.cpp here against it. CXX chooses the compiler; the build goes to a temporary folder.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
compile="${CXX:-c++} -std=c++20 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -ffp-contract=off -Wall -Wextra -Werror -pthread"
. "$root/tests/native/build.sh"
for program in "$build"/test_*; do
    "$program"
done
