// Hamming range scan, AVX-512 with VPOPCNTDQ.
//
// Computes   one word of 8 hashes a load, XOR with a broadcast query word, VPOPCNTQ, add over the words;
//            up to 6 queries share each block, their words in registers for 256-bit hashes.
// Needs      AVX512F, VL, DQ, BW, VPOPCNTDQ and ZMM state.
// Limits     distances below 2^16. Reads whole blocks only.
// Cost       about half a cycle a comparison from L2 at radius 31 (benchmarks/results/).
// Spec       scan_serial.cpp gives the same hits; tests/index compares.
#include "hamming/scan_kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#if !defined(__clang__)
// gcc 12's own avx512fintrin.h starts "undefined" vectors from themselves and warns about it here.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx512vpopcntdq")

namespace hashmatch::hamming {
namespace {

inline std::int64_t emit(__mmask8 mask, __m512i sums, std::int32_t query, std::int64_t position,
                         Hit* out) {
    alignas(64) std::int64_t bits[block_hashes];
    _mm512_store_si512(bits, sums);
    std::int64_t n = 0;
    for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
        const int k = __builtin_ctz(rest);
        out[n++] = {query, static_cast<std::int32_t>(bits[k]), position + k};
    }
    return n;
}

inline __m512i word_distance(const std::uint64_t* block, int w, __m512i wanted) {
    const __m512i word = _mm512_load_si512(block + w * block_hashes);
    return _mm512_popcnt_epi64(_mm512_xor_si512(word, wanted));
}

template <int First, int Last>
inline __m512i part_distance(const std::uint64_t* block, const __m512i* wanted) {
    __m512i sums = word_distance(block, First, wanted[First]);
    for (int w = First + 1; w < Last; ++w) {
        sums = _mm512_add_epi64(sums, word_distance(block, w, wanted[w]));
    }
    return sums;
}

// T queries of 256 bits; Prefix: judge by the first two words where that is enough. A block is first
// judged by the nearest of its 8 T pairs (a minimum is cheaper than a branch a query); distances fit
// 32 bits and the upper halves are zero, so the 32-bit minimum serves.
template <int T, bool Prefix>
std::int64_t scan_256(const std::uint64_t* blocks, std::int64_t n_blocks, const std::uint64_t* queries,
                      int max_distance, std::int64_t position, std::int32_t query, Hit* out) {
    __m512i wanted[T][4];
    for (int t = 0; t < T; ++t) {
        for (int w = 0; w < 4; ++w) {
            wanted[t][w] = _mm512_set1_epi64(static_cast<long long>(queries[t * 4 + w]));
        }
    }
    constexpr int judged = Prefix ? 2 : 4;
    const __m512i radius = _mm512_set1_epi64(max_distance);
    std::int64_t n = 0;
    for (std::int64_t b = 0; b < n_blocks; ++b, blocks += 4 * block_hashes) {
        __m512i nearest = part_distance<0, judged>(blocks, wanted[0]);
        for (int t = 1; t < T; ++t) {
            nearest = _mm512_min_epi32(nearest, part_distance<0, judged>(blocks, wanted[t]));
        }
        if (__builtin_expect(_mm512_cmple_epi64_mask(nearest, radius) == 0, 1)) continue;
        for (int t = 0; t < T; ++t) {
            const __m512i sums = part_distance<0, 4>(blocks, wanted[t]);
            const __mmask8 mask = _mm512_cmple_epi64_mask(sums, radius);
            if (mask != 0) n += emit(mask, sums, query + t, position + b * block_hashes, out + n);
        }
    }
    return n;
}

template <bool Prefix>
std::int64_t scan_tile(const std::uint64_t* blocks, std::int64_t n_blocks, const std::uint64_t* queries,
                       int n_queries, int max_distance, std::int64_t position, std::int32_t query,
                       Hit* out) {
    using Tile = decltype(&scan_256<1, Prefix>);
    constexpr Tile tiles[tile_queries] = {scan_256<1, Prefix>, scan_256<2, Prefix>, scan_256<3, Prefix>,
                                          scan_256<4, Prefix>, scan_256<5, Prefix>, scan_256<6, Prefix>};
    return tiles[n_queries - 1](blocks, n_blocks, queries, max_distance, position, query, out);
}

inline __m512i block_distances(const std::uint64_t* block, int words, const std::uint64_t* query) {
    __m512i sums = _mm512_setzero_si512();
    for (int w = 0; w < words; ++w) {
        const __m512i wanted = _mm512_set1_epi64(static_cast<long long>(query[w]));
        const __m512i word = _mm512_load_si512(block + w * block_hashes);
        sums = _mm512_add_epi64(sums, _mm512_popcnt_epi64(_mm512_xor_si512(word, wanted)));
    }
    return sums;
}

std::int64_t scan_any(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                      const std::uint64_t* queries, int n_queries, int max_distance,
                      std::int64_t position, std::int32_t query, Hit* out) {
    const __m512i radius = _mm512_set1_epi64(max_distance);
    std::int64_t n = 0;
    for (std::int64_t b = 0; b < n_blocks; ++b, blocks += words * block_hashes) {
        for (int t = 0; t < n_queries; ++t) {
            const __m512i sums = block_distances(blocks, words, queries + t * words);
            const __mmask8 mask = _mm512_cmple_epi64_mask(sums, radius);
            if (mask != 0) n += emit(mask, sums, query + t, position + b * block_hashes, out + n);
        }
    }
    return n;
}

std::int64_t scan(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                  const std::uint64_t* queries, int n_queries, int max_distance, bool early,
                  std::int64_t position, std::int32_t query, Hit* out) {
    if (words == 4) {
        const auto tile = early ? scan_tile<true> : scan_tile<false>;
        return tile(blocks, n_blocks, queries, n_queries, max_distance, position, query, out);
    }
    return scan_any(blocks, n_blocks, words, queries, n_queries, max_distance, position, query, out);
}

// T queries by word 0; the rest of a hash is read only where one of them passes.
template <int T>
std::int64_t prefilter_tile_of(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                               const std::uint64_t* queries, int max_distance, int prefilter_distance,
                               std::int64_t position, std::int32_t query, Hit* out) {
    __m512i wanted[T];
    for (int t = 0; t < T; ++t) {
        wanted[t] = _mm512_set1_epi64(static_cast<long long>(queries[t * words]));
    }
    const __m512i radius = _mm512_set1_epi64(max_distance);
    const __m512i limit = _mm512_set1_epi64(prefilter_distance);
    std::int64_t n = 0;
    for (std::int64_t b = 0; b < n_blocks; ++b, blocks += words * block_hashes) {
        __m512i nearest = word_distance(blocks, 0, wanted[0]);
        for (int t = 1; t < T; ++t) {
            nearest = _mm512_min_epi32(nearest, word_distance(blocks, 0, wanted[t]));
        }
        if (__builtin_expect(_mm512_cmple_epi64_mask(nearest, limit) == 0, 1)) continue;
        for (int t = 0; t < T; ++t) {
            const __mmask8 passed = _mm512_cmple_epi64_mask(word_distance(blocks, 0, wanted[t]), limit);
            if (passed == 0) continue;
            const __m512i sums = block_distances(blocks, words, queries + t * words);
            const __mmask8 mask = _mm512_mask_cmple_epi64_mask(passed, sums, radius);
            if (mask != 0) n += emit(mask, sums, query + t, position + b * block_hashes, out + n);
        }
    }
    return n;
}

std::int64_t prefiltered(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                         const std::uint64_t* queries, int n_queries, int max_distance,
                         int prefilter_distance, std::int64_t position, std::int32_t query, Hit* out) {
    using Tile = decltype(&prefilter_tile_of<1>);
    constexpr Tile tiles[prefilter_tile] = {
        prefilter_tile_of<1>, prefilter_tile_of<2>, prefilter_tile_of<3>, prefilter_tile_of<4>,
        prefilter_tile_of<5>, prefilter_tile_of<6>, prefilter_tile_of<7>, prefilter_tile_of<8>};
    return tiles[n_queries - 1](blocks, n_blocks, words, queries, max_distance, prefilter_distance,
                                position, query, out);
}

void distances(const std::uint64_t* blocks, std::int64_t n_blocks, int words, const std::uint64_t* query,
               std::uint16_t* out) {
    for (std::int64_t b = 0; b < n_blocks; ++b, blocks += words * block_hashes, out += block_hashes) {
        const __m128i narrow = _mm512_cvtepi64_epi16(block_distances(blocks, words, query));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), narrow);
    }
}

}  // namespace

const ScanKernels scan_avx512{scan, prefiltered, distances};

}  // namespace hashmatch::hamming

#pragma GCC pop_options
#endif
