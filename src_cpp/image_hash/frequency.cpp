// phash: the low frequencies of a square reduced picture against their median.
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "image_hash/dct.hpp"
#include "image_hash/reduced_luma.hpp"

namespace hashmatch::picture {
namespace {

constexpr int factor = 4;  // imagehash's highfreq_factor
constexpr int max_side = 16;

/// A wave of this amplitude in grey levels decides a bit firmly.
constexpr double firm_levels = 0.1;

const Dct& dct_of(int n) {
    static const Dct small(8 * factor);
    static const Dct large(16 * factor);
    return n == small.size() ? small : large;
}

}  // namespace

Result frequency(const Pixels& pixels, int side) {
    if (side != 8 && side != 16) throw std::invalid_argument("side: expected 8 or 16");
    const int n = side * factor;
    const Dct& dct = dct_of(n);
    const std::vector<std::uint8_t> small = reduced_luma(pixels, n, n);
    std::array<double, max_side * max_side * factor> kept{};  // [frequency down][column]
    std::array<double, max_side * factor> line{};
    std::array<double, max_side * factor> scratch{};
    for (int x = 0; x < n; ++x) {
        for (int y = 0; y < n; ++y) line[y] = small[y * n + x];
        dct.run(line.data(), scratch.data());
        for (int k = 0; k < side; ++k) kept[k * n + x] = line[k];
    }
    std::vector<double> low;
    low.reserve(side * side);
    for (int k = 0; k < side; ++k) {
        dct.run(&kept[k * n], scratch.data());
        low.insert(low.end(), &kept[k * n], &kept[k * n] + side);
    }
    std::vector<double> order = low;
    std::sort(order.begin(), order.end());
    const std::size_t half = order.size() / 2;
    const double median = (order[half - 1] + order[half]) / 2;
    // A wave of amplitude a along both axes has the coefficient a * n * n.
    const double firm = firm_levels * n * n;
    Bits bits(side * side);
    for (const double value : low) bits.add(value > median, std::fabs(value - median) >= firm);
    return bits.result();
}

}  // namespace hashmatch::picture
