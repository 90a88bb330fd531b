# Read by run.sh and run_neon.sh: every source but the bindings into "$build"/core, two at a time, and each
# test_*.cpp into a program beside it. Needs $root, $build and $compile (a command with its flags).
compile="$compile -I$root/src_cpp/include -I$root/src_cpp"
mkdir "$build/core"
export compile build
find "$root/src_cpp" -name '*.cpp' -not -path '*/bindings/*' | xargs -P 2 -I {} sh -c \
    '$compile -c "$1" -o "$build/core/$(echo "$1" | tr / _).o"' build {}
# shellcheck disable=SC2016  # the inner shell expands
find "$root/tests/native" -name 'test_*.cpp' | xargs -P 2 -I {} sh -c \
    '$compile "$1" "$build"/core/*.o -o "$build/$(basename "$1" .cpp)"' build {}
