// Squared Euclidean distances of byte vectors, NEON (AArch64).
//
// Computes   absolute differences of one group of 4 rows a load, squared to 16 bits, pairs added to 32;
//            the two halves of a row's group meet once at the end.
// Needs      Advanced SIMD, part of every AArch64.
// Limits     dims <= 4096. Reads whole blocks only.
// Spec       l2_serial.cpp gives the same candidates and distances; tests/index compares.
#include "vector/l2_kernels.hpp"

#if defined(__aarch64__)
#include <arm_neon.h>

#include <cstring>

namespace hashmatch::vector {
namespace {

constexpr int quarter_rows = 4;
constexpr int quarters = block_rows / quarter_rows;

// Per quarter of a block two vectors: partial sums of rows 0, 1 and of rows 2, 3.
using Sums = uint32x4_t[quarters][2];

inline void clear(Sums& sums) {
    for (auto& sum : sums) sum[0] = sum[1] = vdupq_n_u32(0);
}

inline void add_differences(const std::uint8_t* lines, int groups, const std::uint8_t* query,
                            Sums& sums) {
    for (int g = 0; g < groups; ++g) {
        std::uint32_t word;
        std::memcpy(&word, query + g * group_bytes, sizeof word);
        const uint8x16_t wanted = vreinterpretq_u8_u32(vdupq_n_u32(word));
        for (int r = 0; r < quarters; ++r) {
            const uint8x16_t d = vabdq_u8(vld1q_u8(lines + g * line_bytes + 16 * r), wanted);
            sums[r][0] = vpadalq_u16(sums[r][0], vmull_u8(vget_low_u8(d), vget_low_u8(d)));
            sums[r][1] = vpadalq_u16(sums[r][1], vmull_high_u8(d, d));
        }
    }
}

std::int64_t judge(const Segment& segment, std::int64_t first_block, std::int64_t n_blocks,
                   const Query* queries, int n_queries, std::int32_t max_distance, Candidate* out) {
    const int groups = segment.head_groups();
    std::int64_t n = 0;
    for (std::int64_t b = first_block; b < first_block + n_blocks; ++b) {
        for (int q = 0; q < n_queries; ++q) {
            Sums sums;
            clear(sums);
            add_differences(segment.head() + b * groups * line_bytes, groups, queries[q].bytes, sums);
            uint32x4_t smallest = vdupq_n_u32(0xFFFFFFFFU);
            for (const auto& sum : sums) smallest = vminq_u32(smallest, vpaddq_u32(sum[0], sum[1]));
            if (vminvq_u32(smallest) <= static_cast<std::uint32_t>(max_distance)) out[n++] = {b, q};
        }
    }
    return n;
}

void distances(const Segment& segment, std::int64_t block, const Query& query, std::int32_t* out) {
    const int heads = segment.head_groups();
    const int tails = segment.tail_groups();
    Sums sums;
    clear(sums);
    add_differences(segment.head() + block * heads * line_bytes, heads, query.bytes, sums);
    add_differences(segment.tail() + block * tails * line_bytes, tails,
                    query.bytes + heads * group_bytes, sums);
    for (int r = 0; r < quarters; ++r) {
        vst1q_s32(out + quarter_rows * r, vreinterpretq_s32_u32(vpaddq_u32(sums[r][0], sums[r][1])));
    }
}

}  // namespace

const L2Kernels l2_neon{judge, distances};

}  // namespace hashmatch::vector
#endif
