// The two inner loops of the banded reduction, one implementation per ISA.
#pragma once

#include <cstdint>

#include "hashmatch/cpu.hpp"
#include "image_hash/bands.hpp"

namespace hashmatch::pdq {

/// Rows of samples in memory: `n_bytes` of each are read, the next one begins `stride` bytes on.
struct Rows {
    const std::uint8_t* data;
    std::int64_t n_bytes;
    std::int64_t stride;
};

struct Kernels {
    /// out[x] = sum over r of weights[r] * rows[r][x], x < rows.n_bytes: exact in int32, then one
    /// conversion to float. Weights are at most max_whole_weight, sums below 2^23.
    void (*sum_columns)(const Rows& rows, std::int64_t n_rows, const std::uint8_t* weights, float* out);

    /// out[j] = sum over k of weights_j[k] * row[first_j + k]: 16 lanes, lane l takes k = l mod 16 in
    /// ascending order, then lanes l and l+8, l+4, l+2, l+1 are added. No fused multiply-add.
    /// `row` is readable (and finite) for 16 floats past its end.
    void (*project)(const float* row, const Projection& projection, float* out);
};

extern const Kernels kernels_serial;
#if defined(__x86_64__)
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
#elif defined(__aarch64__)
extern const Kernels kernels_neon;
#endif

/// Rows that a vector kernel takes at a step.
constexpr int row_group = 8;

/// The rows from `first` on at byte x, with their weights; past the last row that one again, weight 0.
struct RowGroup {
    const std::uint8_t* rows[row_group];
    std::uint8_t weights[row_group];

    RowGroup(const Rows& all, std::int64_t n_rows, const std::uint8_t* all_weights, std::int64_t first,
             std::int64_t x) {
        for (int k = 0; k < row_group; ++k) {
            const bool inside = first + k < n_rows;
            rows[k] = all.data + (inside ? first + k : n_rows - 1) * all.stride + x;
            weights[k] = inside ? all_weights[first + k] : 0;
        }
    }
};

/// The columns from `first` on that make no whole vector.
inline void sum_last_columns(const Rows& rows, std::int64_t n_rows, const std::uint8_t* weights,
                             std::int64_t first, float* out) {
    for (std::int64_t x = first; x < rows.n_bytes; ++x) {
        std::int32_t sum = 0;
        for (std::int64_t r = 0; r < n_rows; ++r) sum += weights[r] * rows.data[r * rows.stride + x];
        out[x] = static_cast<float>(sum);
    }
}

inline const Kernels& kernels_for(cpu::Isa isa) {
#if defined(__x86_64__)
    if (isa == cpu::Isa::avx512) return kernels_avx512;
    if (isa == cpu::Isa::avx2) return kernels_avx2;
#elif defined(__aarch64__)
    if (isa == cpu::Isa::neon) return kernels_neon;
#endif
    return kernels_serial;
}

}  // namespace hashmatch::pdq
