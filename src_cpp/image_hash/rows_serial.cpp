// The obvious loops; the specification that every other ISA equals.
#include "image_hash/rows.hpp"

namespace hashmatch::picture {
namespace {

void luma(const std::uint8_t* rgb, std::int64_t width, std::uint8_t* out) {
    for (std::int64_t x = 0; x < width; ++x) {
        const std::uint8_t* p = rgb + 3 * x;
        out[x] =
            static_cast<std::uint8_t>((19595U * p[0] + 38470U * p[1] + 7471U * p[2] + 32768U) >> 16);
    }
}

void resize(const std::uint8_t* row, const Filter& filter, std::uint8_t* out) {
    for (const Filter::Window& window : filter.windows) {
        const std::uint8_t* in = row + window.first;
        const std::int32_t* weights = &filter.weights[window.offset];
        std::int32_t sum = 1 << (weight_bits - 1);
        for (std::int64_t k = 0; k < window.count; ++k) sum += weights[k] * in[k];
        *out++ = to_byte(sum);
    }
}

}  // namespace

const RowKernels row_kernels_serial{luma, resize};

}  // namespace hashmatch::picture
