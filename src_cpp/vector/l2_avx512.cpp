// Squared Euclidean distances of byte vectors, AVX-512 with VNNI.
//
// Computes   |a - q|^2 = |a|^2 + |q|^2 - 2 a.q. VPDPBUSD multiplies unsigned by signed bytes, so it is
// given
//            q and a - 128 (a with its top bit flipped): q.a = q.(a - 128) + 128 sum(q), and the sum of
//            the query is known. One instruction takes four dimensions of 16 rows.
// Needs      AVX512F, BW, VNNI and ZMM state.
// Limits     dims <= 4096, so that every sum stays below 2^31. Reads whole blocks only.
// Spec       l2_serial.cpp gives the same candidates and distances; tests/index compares.
#include "vector/l2_kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#if !defined(__clang__)
// gcc 12's own avx512fintrin.h starts "undefined" vectors from themselves and warns about it here.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx512vnni")

namespace hashmatch::vector {
namespace {

inline __m512i spread(const std::uint8_t* group) {
    std::int32_t word;
    std::memcpy(&word, group, sizeof word);
    return _mm512_set1_epi32(word);
}

// Adds q.(a - 128) of T queries and the 16 rows of a block, over groups first .. first + groups - 1 of
// the query.
template <int T>
inline void add_products(const std::uint8_t* lines, int groups, const Query* queries, int first,
                         __m512i (&sums)[T]) {
    const __m512i top = _mm512_set1_epi8(static_cast<char>(0x80));
    for (int g = 0; g < groups; ++g) {
        const __m512i line = _mm512_xor_si512(_mm512_loadu_si512(lines + g * line_bytes), top);
        for (int t = 0; t < T; ++t) {
            const __m512i group = spread(queries[t].bytes + (first + g) * group_bytes);
            sums[t] = _mm512_dpbusd_epi32(sums[t], group, line);
        }
    }
}

inline __m512i distance(const std::int32_t* norms, std::int32_t norm, std::int32_t sum,
                        __m512i product) {
    const __m512i apart =
        _mm512_add_epi32(_mm512_loadu_si512(norms), _mm512_set1_epi32(norm - 256 * sum));
    return _mm512_sub_epi32(apart, _mm512_slli_epi32(product, 1));
}

template <int T>
std::int64_t judge_tile(const Segment& segment, std::int64_t first_block, std::int64_t n_blocks,
                        const Query* queries, int query, std::int32_t max_distance, Candidate* out) {
    const int groups = segment.head_groups();
    const __m512i radius = _mm512_set1_epi32(max_distance);
    std::int64_t n = 0;
    for (std::int64_t b = first_block; b < first_block + n_blocks; ++b) {
        __m512i sums[T];
        for (__m512i& sum : sums) sum = _mm512_setzero_si512();
        add_products<T>(segment.head() + b * groups * line_bytes, groups, queries + query, 0, sums);
        const std::int32_t* norms = segment.head_norms() + b * block_rows;
        for (int t = 0; t < T; ++t) {
            const Query& one = queries[query + t];
            const __m512i found = distance(norms, one.head_norm, one.head_sum, sums[t]);
            if (_mm512_cmple_epi32_mask(found, radius) != 0) out[n++] = {b, query + t};
        }
    }
    return n;
}

std::int64_t judge(const Segment& segment, std::int64_t first_block, std::int64_t n_blocks,
                   const Query* queries, int n_queries, std::int32_t max_distance, Candidate* out) {
    std::int64_t n = 0;
    int q = 0;
    for (; q + 8 <= n_queries; q += 8) {
        n += judge_tile<8>(segment, first_block, n_blocks, queries, q, max_distance, out + n);
    }
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
    __m512i sums[1] = {_mm512_setzero_si512()};
    add_products<1>(segment.head() + block * heads * line_bytes, heads, &query, 0, sums);
    add_products<1>(segment.tail() + block * tails * line_bytes, tails, &query, heads, sums);
    _mm512_storeu_si512(out,
                        distance(segment.norms() + block * block_rows, query.norm, query.sum, sums[0]));
}

}  // namespace

const L2Kernels l2_avx512{judge, distances};

}  // namespace hashmatch::vector

#pragma GCC pop_options
#endif
