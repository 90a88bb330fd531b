// Hamming range scan, AVX2.
//
// Computes   one word of 4 hashes a load, XOR, popcount of bytes by two VPSHUFB table look-ups, byte
// sums
//            over the words, VPSADBW to one 64-bit distance a hash.
// Needs      AVX2 and YMM state.
// Limits     byte sums are folded every 31 words (8 bits a word, 255 at most). Reads whole blocks only.
// Cost       about 1.5 cycles a comparison of 256 bits from L2 at radius 31 (benchmarks/results/).
// Spec       scan_serial.cpp gives the same hits; tests/index compares.
// Source     Mula, Kurz, Lemire, "Faster population counts using AVX2 instructions", 2018.
#include "hamming/scan_kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2")

namespace hashmatch::hamming {
namespace {

constexpr int half_block = 4;       // hashes in one vector
constexpr int words_per_fold = 31;  // 31 * 8 <= 255

inline __m256i byte_counts(__m256i v) {
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                           0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i nibble = _mm256_set1_epi8(0x0F);
    const __m256i low = _mm256_and_si256(v, nibble);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}

// Distances of 4 hashes (the half-th half of a block) as 64-bit lanes.
inline __m256i half_distances(const std::uint64_t* block, int half, int words,
                              const std::uint64_t* query) {
    const __m256i zero = _mm256_setzero_si256();
    __m256i sums = zero;
    for (int w0 = 0; w0 < words; w0 += words_per_fold) {
        const int end = words < w0 + words_per_fold ? words : w0 + words_per_fold;
        __m256i bytes = zero;
        for (int w = w0; w < end; ++w) {
            const auto* at =
                reinterpret_cast<const __m256i*>(block + w * block_hashes + half * half_block);
            const __m256i wanted = _mm256_set1_epi64x(static_cast<long long>(query[w]));
            bytes = _mm256_add_epi8(bytes, byte_counts(_mm256_xor_si256(_mm256_load_si256(at), wanted)));
        }
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(bytes, zero));
    }
    return sums;
}

inline std::int64_t emit(__m256i sums, __m256i radius, std::int32_t query, std::int64_t position,
                         Hit* out) {
    const __m256i beyond = _mm256_cmpgt_epi64(sums, radius);
    unsigned rest = ~static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(beyond))) & 0xFU;
    if (__builtin_expect(rest == 0, 1)) return 0;
    alignas(32) std::int64_t bits[half_block];
    _mm256_store_si256(reinterpret_cast<__m256i*>(bits), sums);
    std::int64_t n = 0;
    for (; rest != 0; rest &= rest - 1) {
        const int k = __builtin_ctz(rest);
        out[n++] = {query, static_cast<std::int32_t>(bits[k]), position + k};
    }
    return n;
}

// Words: the number of words if it is known at compile time, else 0. Prefix: judge by the first two
// words where that is enough.
template <int Words, bool Prefix>
std::int64_t scan_as(const std::uint64_t* blocks, std::int64_t n_blocks, int n_words,
                     const std::uint64_t* queries, int n_queries, int max_distance,
                     std::int64_t position, std::int32_t query, Hit* out) {
    const int words = Words != 0 ? Words : n_words;
    const __m256i radius = _mm256_set1_epi64x(max_distance);
    std::int64_t n = 0;
    for (std::int64_t b = 0; b < n_blocks; ++b, blocks += words * block_hashes) {
        for (int t = 0; t < n_queries; ++t) {
            for (int half = 0; half < 2; ++half) {
                const std::uint64_t* wanted = queries + t * words;
                if constexpr (Prefix) {
                    const __m256i part = half_distances(blocks, half, 2, wanted);
                    const __m256i beyond = _mm256_cmpgt_epi64(part, radius);
                    if (_mm256_movemask_epi8(beyond) == -1) continue;
                }
                const __m256i sums = half_distances(blocks, half, words, wanted);
                n += emit(sums, radius, query + t, position + b * block_hashes + half * half_block,
                          out + n);
            }
        }
    }
    return n;
}

std::int64_t scan(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                  const std::uint64_t* queries, int n_queries, int max_distance, bool early,
                  std::int64_t position, std::int32_t query, Hit* out) {
    const auto chosen = words != 4 ? scan_as<0, false> : early ? scan_as<4, true> : scan_as<4, false>;
    return chosen(blocks, n_blocks, words, queries, n_queries, max_distance, position, query, out);
}

std::int64_t prefiltered(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                         const std::uint64_t* queries, int n_queries, int max_distance,
                         int prefilter_distance, std::int64_t position, std::int32_t query, Hit* out) {
    const __m256i radius = _mm256_set1_epi64x(max_distance);
    const __m256i limit = _mm256_set1_epi64x(prefilter_distance);
    std::int64_t n = 0;
    for (std::int64_t b = 0; b < n_blocks; ++b, blocks += words * block_hashes) {
        for (int t = 0; t < n_queries; ++t) {
            const std::uint64_t* wanted = queries + t * words;
            for (int half = 0; half < 2; ++half) {
                const __m256i stopped =
                    _mm256_cmpgt_epi64(half_distances(blocks, half, 1, wanted), limit);
                if (_mm256_movemask_epi8(stopped) == -1) continue;
                // What the prefilter stops is put beyond every radius.
                const __m256i sums = _mm256_or_si256(half_distances(blocks, half, words, wanted),
                                                     _mm256_srli_epi64(stopped, 1));
                n += emit(sums, radius, query + t, position + b * block_hashes + half * half_block,
                          out + n);
            }
        }
    }
    return n;
}

void distances(const std::uint64_t* blocks, std::int64_t n_blocks, int words, const std::uint64_t* query,
               std::uint16_t* out) {
    for (std::int64_t b = 0; b < n_blocks; ++b, blocks += words * block_hashes) {
        for (int half = 0; half < 2; ++half) {
            alignas(32) std::int64_t bits[half_block];
            _mm256_store_si256(reinterpret_cast<__m256i*>(bits),
                               half_distances(blocks, half, words, query));
            for (int k = 0; k < half_block; ++k) *out++ = static_cast<std::uint16_t>(bits[k]);
        }
    }
}

}  // namespace

const ScanKernels scan_avx2{scan, prefiltered, distances};

}  // namespace hashmatch::hamming

#pragma GCC pop_options
#endif
