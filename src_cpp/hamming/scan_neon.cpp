// Hamming range scan, NEON (AArch64).
//
// Computes   one word of 2 hashes a load, EOR, CNT on bytes, byte sums over the words, widening pairwise
//            adds to one 64-bit distance a hash.
// Needs      Advanced SIMD, part of every AArch64.
// Limits     byte sums are folded every 31 words. Reads whole blocks only.
// Spec       scan_serial.cpp gives the same hits; tests/index compares.
#include "hamming/scan_kernels.hpp"

#if defined(__aarch64__)
#include <arm_neon.h>

namespace hashmatch::hamming {
namespace {

constexpr int pair = 2;             // hashes in one vector
constexpr int words_per_fold = 31;  // 31 * 8 <= 255

inline uint64x2_t pair_distances(const std::uint64_t* block, int first, int words,
                                 const std::uint64_t* query) {
    uint64x2_t sums = vdupq_n_u64(0);
    for (int w0 = 0; w0 < words; w0 += words_per_fold) {
        const int end = words < w0 + words_per_fold ? words : w0 + words_per_fold;
        uint8x16_t bytes = vdupq_n_u8(0);
        for (int w = w0; w < end; ++w) {
            const uint64x2_t word = vld1q_u64(block + w * block_hashes + first);
            const uint64x2_t different = veorq_u64(word, vdupq_n_u64(query[w]));
            bytes = vaddq_u8(bytes, vcntq_u8(vreinterpretq_u8_u64(different)));
        }
        sums = vaddq_u64(sums, vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(bytes))));
    }
    return sums;
}

inline std::int64_t emit(uint64x2_t sums, std::uint64_t radius, std::int32_t query,
                         std::int64_t position, Hit* out) {
    const std::uint64_t bits[pair] = {vgetq_lane_u64(sums, 0), vgetq_lane_u64(sums, 1)};
    std::int64_t n = 0;
    for (int k = 0; k < pair; ++k) {
        if (bits[k] <= radius) out[n++] = {query, static_cast<std::int32_t>(bits[k]), position + k};
    }
    return n;
}

std::int64_t scan(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                  const std::uint64_t* queries, int n_queries, int max_distance, bool,
                  std::int64_t position, std::int32_t query, Hit* out) {
    const auto radius = static_cast<std::uint64_t>(max_distance);
    std::int64_t n = 0;
    for (std::int64_t b = 0; b < n_blocks; ++b, blocks += words * block_hashes) {
        for (int t = 0; t < n_queries; ++t) {
            for (int first = 0; first < block_hashes; first += pair) {
                const uint64x2_t sums = pair_distances(blocks, first, words, queries + t * words);
                n += emit(sums, radius, query + t, position + b * block_hashes + first, out + n);
            }
        }
    }
    return n;
}

std::int64_t prefiltered(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                         const std::uint64_t* queries, int n_queries, int max_distance,
                         int prefilter_distance, std::int64_t position, std::int32_t query, Hit* out) {
    const auto radius = static_cast<std::uint64_t>(max_distance);
    const uint64x2_t limit = vdupq_n_u64(static_cast<std::uint64_t>(prefilter_distance));
    std::int64_t n = 0;
    for (std::int64_t b = 0; b < n_blocks; ++b, blocks += words * block_hashes) {
        for (int t = 0; t < n_queries; ++t) {
            const std::uint64_t* wanted = queries + t * words;
            for (int first = 0; first < block_hashes; first += pair) {
                const uint64x2_t stopped = vcgtq_u64(pair_distances(blocks, first, 1, wanted), limit);
                if ((vgetq_lane_u64(stopped, 0) & vgetq_lane_u64(stopped, 1)) != 0) continue;
                // What the prefilter stops is put beyond every radius.
                const uint64x2_t sums = vorrq_u64(pair_distances(blocks, first, words, wanted), stopped);
                n += emit(sums, radius, query + t, position + b * block_hashes + first, out + n);
            }
        }
    }
    return n;
}

void distances(const std::uint64_t* blocks, std::int64_t n_blocks, int words, const std::uint64_t* query,
               std::uint16_t* out) {
    for (std::int64_t b = 0; b < n_blocks; ++b, blocks += words * block_hashes) {
        for (int first = 0; first < block_hashes; first += pair) {
            const uint64x2_t sums = pair_distances(blocks, first, words, query);
            *out++ = static_cast<std::uint16_t>(vgetq_lane_u64(sums, 0));
            *out++ = static_cast<std::uint16_t>(vgetq_lane_u64(sums, 1));
        }
    }
}

}  // namespace

const ScanKernels scan_neon{scan, prefiltered, distances};

}  // namespace hashmatch::hamming
#endif
