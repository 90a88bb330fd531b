// The XOR masks that lead from a bucket's key to its neighbours.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace hashmatch::hamming {

/// Largest radius of a chunk's key that is enumerated; beyond it the scan is cheaper.
constexpr int max_key_radius = 4;

struct Masks {
    std::vector<std::uint32_t> masks;  ///< by weight, then by value
    std::array<std::int64_t, max_key_radius + 2>
        first{};  ///< masks of weight w: first[w] .. first[w+1]-1

    /// How many masks have at most this weight.
    std::int64_t within(int weight) const { return weight < 0 ? 0 : first[weight + 1]; }
};

/// All masks of up to max_key_radius of `bits` bits; made once.
const Masks& masks_of(int bits);

}  // namespace hashmatch::hamming
