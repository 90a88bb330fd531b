// The obvious loops; the specification that every other ISA equals bit for bit.
#include <algorithm>

#include "image_hash/columns.hpp"

namespace hashmatch::pdq {
namespace {

void sum_columns(const Rows& rows, std::int64_t n_rows, const std::uint8_t* weights, float* out) {
    constexpr std::int64_t block = 2048;  // int32 sums that stay in L1
    std::int32_t sums[block];
    for (std::int64_t x0 = 0; x0 < rows.n_bytes; x0 += block) {
        const std::int64_t n = std::min(block, rows.n_bytes - x0);
        std::fill(sums, sums + n, 0);
        for (std::int64_t r = 0; r < n_rows; ++r) {
            const std::uint8_t* row = rows.data + r * rows.stride + x0;
            const auto weight = static_cast<std::int16_t>(weights[r]);
            for (std::int64_t x = 0; x < n; ++x) {
                sums[x] += weight * static_cast<std::int16_t>(row[x]);
            }
        }
        for (std::int64_t x = 0; x < n; ++x) out[x0 + x] = static_cast<float>(sums[x]);
    }
}

void project(const float* row, const Projection& projection, float* out) {
    constexpr int step = Projection::step;
    for (int j = 0; j < side; ++j) {
        const float* v = row + projection.first[j];
        const float* w = &projection.weights[projection.offset[j]];
        float lane[step] = {};
        for (std::int64_t s = 0; s < projection.steps[j]; ++s, v += step, w += step) {
            for (int l = 0; l < step; ++l) lane[l] += w[l] * v[l];
        }
        for (int half = step / 2; half > 0; half /= 2) {
            for (int l = 0; l < half; ++l) lane[l] += lane[l + half];
        }
        out[j] = lane[0];
    }
}

}  // namespace

const Kernels kernels_serial{sum_columns, project};

}  // namespace hashmatch::pdq
