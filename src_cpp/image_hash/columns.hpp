// The two inner loops of the banded reduction, one implementation per ISA.
#pragma once

#include <cstdint>

#include "hashmatch/cpu.hpp"
#include "image_hash/bands.hpp"

namespace hashmatch::pdq {

struct Kernels {
    /// out[x] = sum over r of weights[r] * rows[r][x], x < row_bytes: exact in int32, then one
    /// conversion to float. Weights are at most max_whole_weight, sums below 2^23.
    void (*sum_columns)(const std::uint8_t* rows, std::int64_t row_bytes, std::int64_t n_rows,
                        const std::uint8_t* weights, float* out);

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
