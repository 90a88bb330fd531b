// Weighted column sums and projection, AVX-512 with VNNI.
//
// Computes   8 rows x 64 columns a step: bytes of four rows interleaved, VPDPBUSD: int32 a column.
// Exact. Needs      AVX512F, BW, VL, DQ, VNNI and ZMM state. Limits     weights <= 127. Reads no byte
// outside the n_rows rows. Cost       memory-bound on large pictures (benchmarks/results/). Spec
// columns_serial.cpp; tests/hashing and tests/native compare bit for bit.
#include "image_hash/columns.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>

#if !defined(__clang__)
// gcc 12's own avx512fintrin.h starts "undefined" vectors from themselves and warns about it here.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,prefer-vector-width=512")

namespace hashmatch::pdq {
namespace {

constexpr std::int64_t vector_bytes = 64;
constexpr std::int64_t block = 4096;

// Adds four rows for 64 columns. Lane l of vector k holds columns 16l+4k..16l+4k+3.
inline void add_quad(const std::uint8_t* const* rows, std::int64_t x, __m512i weights, __m512i* sums) {
    const auto load = [&](int r) { return _mm512_loadu_si512(rows[r] + x); };
    const __m512i a = load(0);
    const __m512i b = load(1);
    const __m512i c = load(2);
    const __m512i d = load(3);
    const __m512i ab_low = _mm512_unpacklo_epi8(a, b);
    const __m512i ab_high = _mm512_unpackhi_epi8(a, b);
    const __m512i cd_low = _mm512_unpacklo_epi8(c, d);
    const __m512i cd_high = _mm512_unpackhi_epi8(c, d);
    sums[0] = _mm512_dpbusd_epi32(sums[0], _mm512_unpacklo_epi16(ab_low, cd_low), weights);
    sums[1] = _mm512_dpbusd_epi32(sums[1], _mm512_unpackhi_epi16(ab_low, cd_low), weights);
    sums[2] = _mm512_dpbusd_epi32(sums[2], _mm512_unpacklo_epi16(ab_high, cd_high), weights);
    sums[3] = _mm512_dpbusd_epi32(sums[3], _mm512_unpackhi_epi16(ab_high, cd_high), weights);
}

// 4x4 transpose of 128-bit lanes, so that the columns stand in order.
inline void store_columns(const __m512i* sums, float* out) {
    const __m512i a = _mm512_shuffle_i32x4(sums[0], sums[1], 0x44);
    const __m512i b = _mm512_shuffle_i32x4(sums[2], sums[3], 0x44);
    const __m512i c = _mm512_shuffle_i32x4(sums[0], sums[1], 0xEE);
    const __m512i d = _mm512_shuffle_i32x4(sums[2], sums[3], 0xEE);
    const auto store = [&](int k, __m512i values) {
        _mm512_storeu_ps(out + 16 * k, _mm512_cvtepi32_ps(values));
    };
    store(0, _mm512_shuffle_i32x4(a, b, 0x88));
    store(1, _mm512_shuffle_i32x4(a, b, 0xDD));
    store(2, _mm512_shuffle_i32x4(c, d, 0x88));
    store(3, _mm512_shuffle_i32x4(c, d, 0xDD));
}

void sum_columns(const Rows& rows, std::int64_t n_rows, const std::uint8_t* weights, float* out) {
    const std::int64_t whole = rows.n_bytes / vector_bytes * vector_bytes;
    alignas(64) __m512i sums[block / 16];
    for (std::int64_t x0 = 0; x0 < whole; x0 += block) {
        const std::int64_t n = std::min(block, whole - x0);
        for (std::int64_t r = 0; r < n_rows; r += row_group) {
            const RowGroup group(rows, n_rows, weights, r, x0);
            std::int32_t packed[2];
            __builtin_memcpy(packed, group.weights, sizeof packed);
            const __m512i upper = _mm512_set1_epi32(packed[0]);
            const __m512i lower = _mm512_set1_epi32(packed[1]);
            const bool first = r == 0;
            const bool last = r + row_group >= n_rows;
            for (std::int64_t x = 0; x < n; x += vector_bytes) {
                __m512i* at = sums + x / 16;
                __m512i total[4];
                for (int k = 0; k < 4; ++k) total[k] = first ? _mm512_setzero_si512() : at[k];
                add_quad(group.rows, x, upper, total);
                add_quad(group.rows + 4, x, lower, total);
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

void project(const float* row, const Projection& projection, float* out) {
    for (int j = 0; j < side; ++j) {
        const float* v = row + projection.first[j];
        const float* w = &projection.weights[projection.offset[j]];
        __m512 lanes = _mm512_setzero_ps();
        for (std::int64_t s = 0; s < projection.steps[j]; ++s, v += 16, w += 16) {
            lanes = _mm512_add_ps(lanes, _mm512_mul_ps(_mm512_loadu_ps(w), _mm512_loadu_ps(v)));
        }
        const __m256 eight =
            _mm256_add_ps(_mm512_castps512_ps256(lanes), _mm512_extractf32x8_ps(lanes, 1));
        const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
        const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        out[j] = _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
    }
}

}  // namespace

const Kernels kernels_avx512{sum_columns, project};

}  // namespace hashmatch::pdq

#pragma GCC pop_options
#endif
