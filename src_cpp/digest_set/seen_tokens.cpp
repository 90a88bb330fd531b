#include "hashmatch/seen_tokens.hpp"

#include <utility>

namespace hashmatch {
namespace {

constexpr int first_bits = 12;
constexpr std::uint64_t golden = 0x9E3779B97F4A7C15U;

// The finaliser of splitmix64 (Steele, Lea, Flood 2014): a permutation, so 0 stands only for one key.
std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

}  // namespace

SeenTokens::SeenTokens(std::uint64_t seed)
    : seed_(seed), shift_(64 - first_bits), slots_(std::size_t{1} << first_bits) {}

bool SeenTokens::insert(std::uint64_t key) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = key >> shift_;; at = (at + 1) & mask) {
        if (slots_[at] == key) return false;
        if (slots_[at] == 0) {
            slots_[at] = key;
            ++used_;
            return true;
        }
    }
}

void SeenTokens::grow() {
    std::vector<std::uint64_t> old(slots_.size() * 2);
    std::swap(old, slots_);
    --shift_;
    used_ = 0;
    for (const std::uint64_t key : old)
        if (key != 0) insert(key);
}

void SeenTokens::add(const std::uint64_t* tokens, std::int64_t rows, int width, std::uint8_t* is_new) {
    for (std::int64_t row = 0; row < rows; ++row, tokens += width) {
        if (static_cast<std::size_t>(used_ + width) * 5 > slots_.size() * 3) grow();
        bool all_new = true;
        for (int place = 0; place < width; ++place) {
            if (tokens[place] == 0) continue;
            const auto placed = static_cast<std::uint64_t>(place + 1) * golden;
            const std::uint64_t key = mixed(tokens[place] ^ seed_ ^ placed);
            all_new &= insert(key == 0 ? 1 : key);
        }
        is_new[row] = all_new ? 1 : 0;
    }
}

}  // namespace hashmatch
