// The obvious loops; the specification that every other ISA equals.
#include "vector/l2_kernels.hpp"

namespace hashmatch::vector {
namespace {

// Adds the squared differences of row k over some groups.
std::int32_t difference(const std::uint8_t* lines, int groups, int k, const std::uint8_t* query) {
    std::int32_t sum = 0;
    for (int g = 0; g < groups; ++g) {
        for (int i = 0; i < group_bytes; ++i) {
            const int d = lines[g * line_bytes + k * group_bytes + i] - query[g * group_bytes + i];
            sum += d * d;
        }
    }
    return sum;
}

std::int64_t judge(const Segment& segment, std::int64_t first_block, std::int64_t n_blocks,
                   const Query* queries, int n_queries, std::int32_t max_distance, Candidate* out) {
    const int groups = segment.head_groups();
    std::int64_t n = 0;
    for (std::int64_t b = first_block; b < first_block + n_blocks; ++b) {
        const std::uint8_t* lines = segment.head() + b * groups * line_bytes;
        for (int q = 0; q < n_queries; ++q) {
            bool near = false;
            for (int k = 0; k < block_rows && !near; ++k) {
                near = difference(lines, groups, k, queries[q].bytes) <= max_distance;
            }
            if (near) out[n++] = {b, q};
        }
    }
    return n;
}

void distances(const Segment& segment, std::int64_t block, const Query& query, std::int32_t* out) {
    const int heads = segment.head_groups();
    const int tails = segment.tail_groups();
    for (int k = 0; k < block_rows; ++k) {
        out[k] = difference(segment.head() + block * heads * line_bytes, heads, k, query.bytes) +
                 difference(segment.tail() + block * tails * line_bytes, tails, k,
                            query.bytes + heads * group_bytes);
    }
}

}  // namespace

const L2Kernels l2_serial{judge, distances};

}  // namespace hashmatch::vector
