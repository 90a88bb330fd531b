// whash: 8x8 block means of a square of a power of two, against their median.
//
// imagehash gets there by a Haar transform to the last level, the removal of the mean, the inverse, and
// a transform to 8x8. In exact arithmetic that is the block sums against their median, which are whole
// numbers here; float64 rounding is thousands of times smaller than one unit of them. So it can only
// decide where the two middle sums are equal, and there the same operations run (haar.hpp).
#include <algorithm>
#include <bit>

#include "image_hash/haar.hpp"
#include "image_hash/reduced_luma.hpp"

namespace hashmatch::picture {
namespace {

constexpr int cells = wavelet_side * wavelet_side;

/// Grey levels between a block's mean and the median that decide a bit firmly.
constexpr int firm_from_median = 2;

template <typename T>
struct Middle {
    T below;
    T above;

    explicit Middle(std::array<T, cells> values) {
        std::sort(values.begin(), values.end());
        below = values[cells / 2 - 1];
        above = values[cells / 2];
    }
};

std::array<std::int64_t, cells> block_sums(const std::vector<std::uint8_t>& square, std::int64_t scale) {
    const std::int64_t block = scale / wavelet_side;
    std::array<std::int64_t, cells> sums{};
    for (std::int64_t y = 0; y < scale; ++y) {
        const std::uint8_t* row = &square[y * scale];
        for (int bx = 0; bx < wavelet_side; ++bx) {
            std::int64_t sum = 0;
            for (std::int64_t x = 0; x < block; ++x) sum += row[bx * block + x];
            sums[(y / block) * wavelet_side + bx] += sum;
        }
    }
    return sums;
}

}  // namespace

std::int64_t wavelet_scale(const Pixels& pixels) {
    const auto shorter = static_cast<std::uint64_t>(std::min(pixels.height, pixels.width));
    return std::max<std::int64_t>(wavelet_side, static_cast<std::int64_t>(std::bit_floor(shorter)));
}

Result wavelet(const Pixels& pixels) {
    check(pixels, 1);
    const std::int64_t scale = wavelet_scale(pixels);
    const std::vector<std::uint8_t> square = reduced_luma(pixels, scale, scale);
    const std::array<std::int64_t, cells> sums = block_sums(square, scale);
    const Middle<std::int64_t> middle(sums);
    const std::int64_t twice_median = middle.below + middle.above;
    const std::int64_t block = scale / wavelet_side;
    const std::int64_t firm = 2 * firm_from_median * block * block;
    std::array<bool, cells> set{};
    if (middle.below < middle.above) {
        for (int i = 0; i < cells; ++i) set[i] = 2 * sums[i] > twice_median;
    } else {
        const WaveletValues values = haar_without_mean(square, scale);
        const Middle<double> rounded(values);
        const double median = (rounded.below + rounded.above) / 2;
        for (int i = 0; i < cells; ++i) set[i] = values[i] > median;
    }
    Bits bits(cells);
    for (int i = 0; i < cells; ++i) {
        const std::int64_t gap = 2 * sums[i] - twice_median;
        bits.add(set[i], gap >= firm || -gap >= firm);
    }
    return bits.result();
}

}  // namespace hashmatch::picture
