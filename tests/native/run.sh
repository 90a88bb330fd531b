#!/bin/sh
# Builds the core without Python under the address and undefined-behaviour sanitizers and runs each
# test_*.cpp here against it. CXX chooses the compiler; the build goes to a temporary folder.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
flags="-std=c++20 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -ffp-contract=off -Wall -Wextra -Werror -pthread"
for source in "$root"/src_cpp/cpu/*.cpp "$root"/src_cpp/hamming/*.cpp "$root"/src_cpp/image_hash/*.cpp "$root"/src_cpp/memory/*.cpp "$root"/src_cpp/vector/*.cpp; do
    # shellcheck disable=SC2086  # the flags are words
    ${CXX:-c++} $flags -I"$root/src_cpp/include" -I"$root/src_cpp" -c "$source" \
        -o "$build/$(basename "$source" .cpp).o"
done
for test in "$root"/tests/native/test_*.cpp; do
    program="$build/$(basename "$test" .cpp)"
    # shellcheck disable=SC2086
    ${CXX:-c++} $flags -I"$root/src_cpp/include" -I"$root/src_cpp" "$test" "$build"/*.o -o "$program"
    "$program"
done
