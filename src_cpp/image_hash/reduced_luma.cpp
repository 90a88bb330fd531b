// Luma and Pillow's two-pass resize of a whole picture, the front end of every imagehash hash.
#include "image_hash/reduced_luma.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include "image_hash/lanczos.hpp"
#include "image_hash/rows.hpp"

namespace hashmatch::picture {
namespace {

/// The luma rows of a picture, each resized across on its way; Pillow takes no pass along an axis whose
/// length stays.
class Rows {
public:
    explicit Rows(const Pixels& pixels) : pixels_(pixels) {}

    std::vector<std::uint8_t> resized(std::int64_t width) const {
        const RowKernels& kernels = row_kernels_for(cpu::active());
        const bool changes = width != pixels_.width;
        const Filter filter(changes ? pixels_.width : 1, changes ? width : 1);
        std::vector<std::uint8_t> result(pixels_.height * width);
        std::vector<std::uint8_t> row(pixels_.width + Filter::step, 0);
        for (std::int64_t y = 0; y < pixels_.height; ++y) {
            const std::uint8_t* in = pixels_.data + y * pixels_.row_bytes();
            std::uint8_t* out = &result[y * width];
            std::uint8_t* luma = changes ? row.data() : out;
            if (pixels_.channels == 3) {
                kernels.luma(in, pixels_.width, luma);
            } else {
                std::memcpy(luma, in, pixels_.width);
            }
            if (changes) kernels.resize(row.data(), filter, out);
        }
        return result;
    }

private:
    Pixels pixels_;
};

/// The other axis. Elementwise along the rows: the compiler's vectors give the same integers whatever
/// their width.
std::vector<std::uint8_t> resized_columns(const std::vector<std::uint8_t>& rows, std::int64_t width,
                                          const Filter& filter) {
    std::vector<std::uint8_t> result(filter.windows.size() * width);
    std::vector<std::int32_t> sums(width);
    std::uint8_t* out = result.data();
    for (const Filter::Window& window : filter.windows) {
        std::fill(sums.begin(), sums.end(), 1 << (weight_bits - 1));
        for (std::int64_t r = 0; r < window.count; ++r) {
            const std::int32_t weight = filter.weights[window.offset + r];
            const std::uint8_t* row = &rows[(window.first + r) * width];
            for (std::int64_t x = 0; x < width; ++x) sums[x] += weight * row[x];
        }
        for (std::int64_t x = 0; x < width; ++x) out[x] = to_byte(sums[x]);
        out += width;
    }
    return result;
}

/// The order of the passes shows in the rounding. Pillow goes across first; since version 13 it goes
/// down first where that takes away much more (its change 9549; found and checked by experiment).
bool vertical_first(const Pixels& pixels, std::int64_t height, std::int64_t width) {
    const std::int64_t less_high = pixels.height - height;
    return less_high > 0 && less_high > 2 * (pixels.width - width);
}

}  // namespace

void check(const Pixels& pixels, std::int64_t min_side) {
    if (pixels.channels != 1 && pixels.channels != 3) {
        throw std::invalid_argument("pixels: expected 1 or 3 channels, got " +
                                    std::to_string(pixels.channels));
    }
    if (std::min(pixels.height, pixels.width) < min_side) {
        throw std::invalid_argument("pixels: expected both sides to be at least " +
                                    std::to_string(min_side) + ", got " + std::to_string(pixels.height) +
                                    " x " + std::to_string(pixels.width));
    }
}

std::vector<std::uint8_t> reduced_luma(const Pixels& pixels, std::int64_t height, std::int64_t width) {
    check(pixels, 1);
    const Rows rows(pixels);
    if (height == pixels.height) return rows.resized(width);
    const Filter vertical(pixels.height, height);
    if (width != pixels.width && !vertical_first(pixels, height, width)) {
        return resized_columns(rows.resized(width), width, vertical);
    }
    const std::vector<std::uint8_t> flat =
        resized_columns(rows.resized(pixels.width), pixels.width, vertical);
    return Rows({flat.data(), height, pixels.width, 1}).resized(width);
}

}  // namespace hashmatch::picture
