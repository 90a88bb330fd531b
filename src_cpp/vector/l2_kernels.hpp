// The inner loops over blocks of 16 rows, one implementation per ISA.
#pragma once

#include <cstdint>

#include "hashmatch/cpu.hpp"
#include "hashmatch/vector.hpp"

namespace hashmatch::vector {

/// Queries that one call to judge() takes.
constexpr int tile_queries = 8;

/// A packed query in the forms that kernels want. even and odd: bytes 0 and 2, 1 and 3 of each group as
/// two 16-bit words.
struct Query {
    const std::uint8_t* bytes;
    const std::uint32_t* even;
    const std::uint32_t* odd;
    std::int32_t head_norm;  // sum of squares over the head
    std::int32_t norm;       // ... over all
    std::int32_t head_sum;   // sum over the head
    std::int32_t sum;
};

struct Candidate {
    std::int64_t block;
    std::int32_t query;  // within the tile
};

struct L2Kernels {
    /// Writes a candidate for every (query, block) in which the head of some row is within max_distance;
    /// returns how many. Unused rows of the last block count like any other. `out` has room for
    /// n_blocks * n_queries.
    std::int64_t (*judge)(const Segment& segment, std::int64_t first_block, std::int64_t n_blocks,
                          const Query* queries, int n_queries, std::int32_t max_distance,
                          Candidate* out);

    /// Distances of one query to the 16 rows of a block.
    void (*distances)(const Segment& segment, std::int64_t block, const Query& query, std::int32_t* out);
};

extern const L2Kernels l2_serial;
#if defined(__x86_64__)
extern const L2Kernels l2_avx2;
extern const L2Kernels l2_avx512;
#elif defined(__aarch64__)
extern const L2Kernels l2_neon;
#endif

inline const L2Kernels& l2_kernels_for(cpu::Isa isa) {
#if defined(__x86_64__)
    if (isa == cpu::Isa::avx512) return l2_avx512;
    if (isa == cpu::Isa::avx2) return l2_avx2;
#elif defined(__aarch64__)
    if (isa == cpu::Isa::neon) return l2_neon;
#endif
    return l2_serial;
}

}  // namespace hashmatch::vector
