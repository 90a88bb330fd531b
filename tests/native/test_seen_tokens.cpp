// Tokens seen before, against std::set, on buffers of the exact size. run.sh builds and runs.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <utility>

#include "hashmatch/seen_tokens.hpp"

namespace {

void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "test_seen_tokens: %s\n", what);
    std::exit(1);
}

// `rows` rows of `width` tokens, each one of `kinds` values or none.
void compare(std::uint64_t seed, std::int64_t rows, int width, std::uint64_t kinds) {
    std::mt19937_64 rng(seed);
    hashmatch::SeenTokens seen(rng());
    std::set<std::pair<int, std::uint64_t>> met;
    for (int call = 0; call < 4; ++call) {
        const auto n = static_cast<std::size_t>(rows * width);
        auto tokens = std::make_unique<std::uint64_t[]>(n);
        for (std::size_t i = 0; i < n; ++i) tokens[i] = rng() % kinds;
        auto is_new = std::make_unique<std::uint8_t[]>(static_cast<std::size_t>(rows));
        seen.add(tokens.get(), rows, width, is_new.get());
        for (std::int64_t row = 0; row < rows; ++row) {
            bool expected = true;
            std::set<std::pair<int, std::uint64_t>> own;
            for (int place = 0; place < width; ++place) {
                const std::uint64_t token = tokens[row * width + place];
                if (token == 0) continue;
                expected = expected && met.count({place, token}) == 0;
                own.insert({place, token});
            }
            check((is_new[row] != 0) == expected, "a row was told wrong");
            met.insert(own.begin(), own.end());
        }
        check(seen.size() == static_cast<std::int64_t>(met.size()), "size");
    }
}

}  // namespace

int main() {
    compare(1, 0, 3, 10);
    compare(2, 1, 1, 2);
    compare(3, 500, 3, 40);
    compare(4, 5'000, 3, 1'000'000);
    compare(5, 20'000, 2, ~std::uint64_t{0});
    compare(6, 300, 63, 100'000);
    std::puts("test_seen_tokens: ok");
    return 0;
}
