// The inner loops of the scan, one implementation per ISA.
#pragma once

#include <cstdint>

#include "hashmatch/cpu.hpp"
#include "hashmatch/hamming.hpp"

namespace hashmatch::hamming {

/// Queries that one call takes: their words stay in registers on AVX-512.
constexpr int tile_queries = 6;

/// The same for a prefiltered scan, where a query is one word.
constexpr int prefilter_tile = 8;

/// Up to this radius a 256-bit hash is first judged on its first 128 bits: a distance on a part of the
/// bits never exceeds the whole one, and unrelated hashes differ in 64 +- 6 of 128 bits, so nearly all
/// stop there. Exact whatever the data; at worst half as much work again.
constexpr int prefix_radius = 44;

/// A base up to this size is taken to be in a cache from one query to the next.
constexpr std::int64_t cached_bytes = std::int64_t{8} << 20;

struct ScanKernels {
    /// Writes a Hit for every (query, hash) within max_distance and returns how many. `early`: 256-bit
    /// hashes may be judged on two words first (see prefix_radius). Unused places of
    /// the last block may be among them. `out` has room for n_blocks * 8 * n_queries hits.
    std::int64_t (*scan)(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                         const std::uint64_t* queries, int n_queries, int max_distance, bool early,
                         std::int64_t first_position, std::int32_t first_query, Hit* out);

    /// The same for those within prefilter_distance on word 0 too; up to prefilter_tile queries.
    std::int64_t (*prefiltered)(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                                const std::uint64_t* queries, int n_queries, int max_distance,
                                int prefilter_distance, std::int64_t first_position,
                                std::int32_t first_query, Hit* out);

    /// Distances of one query to n_blocks * 8 hashes.
    void (*distances)(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                      const std::uint64_t* query, std::uint16_t* out);
};

extern const ScanKernels scan_serial;
#if defined(__x86_64__)
extern const ScanKernels scan_avx2;
extern const ScanKernels scan_avx512;
#elif defined(__aarch64__)
extern const ScanKernels scan_neon;
#endif

inline const ScanKernels& scan_kernels_for(cpu::Isa isa) {
#if defined(__x86_64__)
    if (isa == cpu::Isa::avx512) return scan_avx512;
    if (isa == cpu::Isa::avx2) return scan_avx2;
#elif defined(__aarch64__)
    if (isa == cpu::Isa::neon) return scan_neon;
#endif
    return scan_serial;
}

}  // namespace hashmatch::hamming
