// ahash and dhash: bits straight from the reduced picture, all in integers.
#include <algorithm>
#include <numeric>

#include "image_hash/reduced_luma.hpp"

namespace hashmatch::picture {
namespace {

constexpr int side = 8;

/// Grey levels that decide a bit firmly: between a pixel and the mean, and between neighbours.
constexpr int firm_levels = 2;

int magnitude(int value) {
    return value < 0 ? -value : value;
}

}  // namespace

Result average(const Pixels& pixels) {
    const std::vector<std::uint8_t> small = reduced_luma(pixels, side, side);
    const int n = side * side;
    const int sum = std::accumulate(small.begin(), small.end(), 0);
    std::vector<std::uint8_t> order = small;
    std::sort(order.begin(), order.end());
    const int twice_median = order[n / 2 - 1] + order[n / 2];
    Bits bits(n);
    for (const int value : small) {
        const int gap = n * value - sum;  // n times the difference to the mean
        // On a blank page with something on it the mean lies beside the paper, which is then all ones:
        // pixels that are the median too say nothing, however far the mean is.
        const bool outstanding = magnitude(2 * value - twice_median) >= 2 * firm_levels;
        bits.add(gap > 0, outstanding && magnitude(gap) >= n * firm_levels);
    }
    return bits.result();
}

Result difference(const Pixels& pixels) {
    const std::vector<std::uint8_t> small = reduced_luma(pixels, side, side + 1);
    Bits bits(side * side);
    for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
            const std::uint8_t* at = &small[y * (side + 1) + x];
            bits.add(at[1] > at[0], magnitude(at[1] - at[0]) >= firm_levels);
        }
    }
    return bits.result();
}

}  // namespace hashmatch::picture
