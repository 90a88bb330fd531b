// Squared Euclidean distances of byte vectors, AVX2.
//
// Computes   |a - q|^2 = |a|^2 + |q|^2 - 2 a.q; a line as even and odd bytes, widened to words, VPMADDWD
//            with a broadcast group of the query: four dimensions of 8 rows in two multiplications.
// Needs      AVX2.
// Limits     dims <= 4096, so that every sum stays below 2^31. Reads whole blocks only.
// Spec       l2_serial.cpp gives the same candidates and distances; tests/index compares.
#include "vector/l2_kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2")

namespace hashmatch::vector {
namespace {

constexpr int half_rows = 8;

inline __m256i load(const void* p) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}

inline __m256i spread(std::uint32_t group) {
    return _mm256_set1_epi32(static_cast<int>(group));
}

// Dot products of T queries with the two halves of a block, over groups first .. first + groups - 1 of
// the query.
template <int T>
inline void add_products(const std::uint8_t* lines, int groups, const Query* queries, int first,
                         __m256i (&sums)[T][2]) {
    const __m256i low = _mm256_set1_epi16(0xFF);
    for (int g = 0; g < groups; ++g) {
        const __m256i line[2] = {load(lines + g * line_bytes),
                                 load(lines + g * line_bytes + line_bytes / 2)};
        const __m256i even[2] = {_mm256_and_si256(line[0], low), _mm256_and_si256(line[1], low)};
        const __m256i odd[2] = {_mm256_srli_epi16(line[0], 8), _mm256_srli_epi16(line[1], 8)};
        for (int t = 0; t < T; ++t) {
            const __m256i q_even = spread(queries[t].even[first + g]);
            const __m256i q_odd = spread(queries[t].odd[first + g]);
            for (int h = 0; h < 2; ++h) {
                const __m256i products = _mm256_add_epi32(_mm256_madd_epi16(even[h], q_even),
                                                          _mm256_madd_epi16(odd[h], q_odd));
                sums[t][h] = _mm256_add_epi32(sums[t][h], products);
            }
        }
    }
}

inline __m256i distance(__m256i norms, std::int32_t norm, __m256i product) {
    return _mm256_sub_epi32(_mm256_add_epi32(norms, _mm256_set1_epi32(norm)),
                            _mm256_slli_epi32(product, 1));
}

template <int T>
std::int64_t judge_tile(const Segment& segment, std::int64_t first_block, std::int64_t n_blocks,
                        const Query* queries, int query, std::int32_t max_distance, Candidate* out) {
    const int groups = segment.head_groups();
    const __m256i radius = _mm256_set1_epi32(max_distance);
    std::int64_t n = 0;
    for (std::int64_t b = first_block; b < first_block + n_blocks; ++b) {
        __m256i sums[T][2];
        for (auto& sum : sums) sum[0] = sum[1] = _mm256_setzero_si256();
        add_products<T>(segment.head() + b * groups * line_bytes, groups, queries + query, 0, sums);
        const std::int32_t* norms = segment.head_norms() + b * block_rows;
        for (int t = 0; t < T; ++t) {
            const std::int32_t norm = queries[query + t].head_norm;
            const __m256i beyond = _mm256_and_si256(
                _mm256_cmpgt_epi32(distance(load(norms), norm, sums[t][0]), radius),
                _mm256_cmpgt_epi32(distance(load(norms + half_rows), norm, sums[t][1]), radius));
            if (_mm256_movemask_epi8(beyond) != -1) out[n++] = {b, query + t};
        }
    }
    return n;
}

std::int64_t judge(const Segment& segment, std::int64_t first_block, std::int64_t n_blocks,
                   const Query* queries, int n_queries, std::int32_t max_distance, Candidate* out) {
    std::int64_t n = 0;
    int q = 0;
    for (; q + 4 <= n_queries; q += 4) {
        n += judge_tile<4>(segment, first_block, n_blocks, queries, q, max_distance, out + n);
    }
    for (; q < n_queries; ++q) {
        n += judge_tile<1>(segment, first_block, n_blocks, queries, q, max_distance, out + n);
    }
    return n;
}

void distances(const Segment& segment, std::int64_t block, const Query& query, std::int32_t* out) {
    const int heads = segment.head_groups();
    const int tails = segment.tail_groups();
    __m256i sums[1][2] = {{_mm256_setzero_si256(), _mm256_setzero_si256()}};
    add_products<1>(segment.head() + block * heads * line_bytes, heads, &query, 0, sums);
    add_products<1>(segment.tail() + block * tails * line_bytes, tails, &query, heads, sums);
    const std::int32_t* norms = segment.norms() + block * block_rows;
    for (int h = 0; h < 2; ++h) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + h * half_rows),
                            distance(load(norms + h * half_rows), query.norm, sums[0][h]));
    }
}

}  // namespace

const L2Kernels l2_avx2{judge, distances};

}  // namespace hashmatch::vector

#pragma GCC pop_options
#endif
