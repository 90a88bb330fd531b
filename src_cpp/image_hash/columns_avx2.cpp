// Weighted column sums and projection, AVX2.
//
// Computes   8 rows x 32 columns a step: bytes of four rows interleaved, VPMADDUBSW (pairs, at most
//            255*64*2 = 32640, no saturation), VPMADDWD by ones: int32 a column. Exact. Weights over 64
//            are split into two halves, each taken so.
// Needs      AVX2 and YMM state.
// Limits     weights <= 127. Reads no byte outside the n_rows rows.
// Cost       about 7 cycles for 128 bytes from cache; memory-bound on large pictures
//            (benchmarks/results/).
// Spec       columns_serial.cpp; tests/hashing and tests/native compare bit for bit.
#include "image_hash/columns.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>

#pragma GCC push_options
#pragma GCC target("avx2")

namespace hashmatch::pdq {
namespace {

constexpr std::int64_t vector_bytes = 32;
constexpr std::int64_t block = 4096;  // columns whose int32 sums stay in L1

// Sums of four rows for 32 columns. Vector k of the four holds columns 4k..4k+3 and 16+4k..16+4k+3.
struct Quad {
    __m256i sums[4];
};

// Four rows' weights, repeated along the vector; `rest` is what exceeds 64.
struct Weights {
    __m256i main;
    __m256i rest;
};

Weights pack(const std::uint8_t* weights) {
    std::uint8_t main[4];
    std::uint8_t rest[4];
    for (int k = 0; k < 4; ++k) {
        main[k] = std::min<std::uint8_t>(weights[k], 64);
        rest[k] = static_cast<std::uint8_t>(weights[k] - main[k]);
    }
    std::int32_t packed[2];
    __builtin_memcpy(&packed[0], main, 4);
    __builtin_memcpy(&packed[1], rest, 4);
    return {_mm256_set1_epi32(packed[0]), _mm256_set1_epi32(packed[1])};
}

template <bool split>
inline Quad quad(const std::uint8_t* const* rows, std::int64_t x, const Weights& weights) {
    const __m256i ones = _mm256_set1_epi16(1);
    const auto load = [&](int r) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[r] + x));
    };
    const __m256i a = load(0);
    const __m256i b = load(1);
    const __m256i c = load(2);
    const __m256i d = load(3);
    const __m256i ab_low = _mm256_unpacklo_epi8(a, b);
    const __m256i ab_high = _mm256_unpackhi_epi8(a, b);
    const __m256i cd_low = _mm256_unpacklo_epi8(c, d);
    const __m256i cd_high = _mm256_unpackhi_epi8(c, d);
    const auto dot = [&](__m256i bytes) {
        __m256i sum = _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, weights.main), ones);
        if constexpr (split) {
            sum = _mm256_add_epi32(sum,
                                   _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, weights.rest), ones));
        }
        return sum;
    };
    return {{dot(_mm256_unpacklo_epi16(ab_low, cd_low)), dot(_mm256_unpackhi_epi16(ab_low, cd_low)),
             dot(_mm256_unpacklo_epi16(ab_high, cd_high)),
             dot(_mm256_unpackhi_epi16(ab_high, cd_high))}};
}

inline void store_columns(const __m256i* sums, float* out) {
    const auto store = [&](int k, __m256i values) {
        _mm256_storeu_ps(out + 8 * k, _mm256_cvtepi32_ps(values));
    };
    store(0, _mm256_permute2x128_si256(sums[0], sums[1], 0x20));
    store(1, _mm256_permute2x128_si256(sums[2], sums[3], 0x20));
    store(2, _mm256_permute2x128_si256(sums[0], sums[1], 0x31));
    store(3, _mm256_permute2x128_si256(sums[2], sums[3], 0x31));
}

template <bool split>
void sum_columns_as(const Rows& rows, std::int64_t n_rows, const std::uint8_t* weights, float* out) {
    const std::int64_t whole = rows.n_bytes / vector_bytes * vector_bytes;
    alignas(32) __m256i sums[block / 8];
    for (std::int64_t x0 = 0; x0 < whole; x0 += block) {
        const std::int64_t n = std::min(block, whole - x0);
        for (std::int64_t r = 0; r < n_rows; r += row_group) {
            const RowGroup group(rows, n_rows, weights, r, x0);
            const Weights upper = pack(group.weights);
            const Weights lower = pack(group.weights + 4);
            const bool first = r == 0;
            const bool last = r + row_group >= n_rows;
            for (std::int64_t x = 0; x < n; x += vector_bytes) {
                const Quad top = quad<split>(group.rows, x, upper);
                const Quad bottom = quad<split>(group.rows + 4, x, lower);
                __m256i* at = sums + x / 8;
                __m256i total[4];
                for (int k = 0; k < 4; ++k) {
                    total[k] = _mm256_add_epi32(top.sums[k], bottom.sums[k]);
                    if (!first) total[k] = _mm256_add_epi32(total[k], at[k]);
                }
                if (last) {
                    store_columns(total, out + x0 + x);
                } else {
                    for (int k = 0; k < 4; ++k) at[k] = total[k];
                }
            }
        }
    }
    sum_last_columns(rows, n_rows, weights, whole, out);
}

void sum_columns(const Rows& rows, std::int64_t n_rows, const std::uint8_t* weights, float* out) {
    const bool split = *std::max_element(weights, weights + n_rows) > 64;
    (split ? sum_columns_as<true> : sum_columns_as<false>)(rows, n_rows, weights, out);
}

void project(const float* row, const Projection& projection, float* out) {
    for (int j = 0; j < side; ++j) {
        const float* v = row + projection.first[j];
        const float* w = &projection.weights[projection.offset[j]];
        __m256 low = _mm256_setzero_ps();
        __m256 high = _mm256_setzero_ps();
        for (std::int64_t s = 0; s < projection.steps[j]; ++s, v += 16, w += 16) {
            low = _mm256_add_ps(low, _mm256_mul_ps(_mm256_loadu_ps(w), _mm256_loadu_ps(v)));
            high = _mm256_add_ps(high, _mm256_mul_ps(_mm256_loadu_ps(w + 8), _mm256_loadu_ps(v + 8)));
        }
        const __m256 eight = _mm256_add_ps(low, high);
        const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
        const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        out[j] = _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
    }
}

}  // namespace

const Kernels kernels_avx2{sum_columns, project};

}  // namespace hashmatch::pdq

#pragma GCC pop_options
#endif
