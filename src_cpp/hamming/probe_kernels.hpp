// The inner loops of multi-index search, one implementation per ISA.
#pragma once

#include <cstdint>

#include "hashmatch/cpu.hpp"
#include "hashmatch/hamming.hpp"

namespace hashmatch::hamming {

/// Entries of one bucket, and how far their extra bits may be from the query's.
struct Bucket {
    const std::uint32_t* entries;
    std::uint32_t size;
    std::uint32_t extra;     ///< the query's extra bits, in place above the position
    std::uint32_t own_mask;  ///< those of them that belong to the chunk itself
    std::int32_t own_allowed;
    std::int32_t all_allowed;
};

/// Room that narrow() needs beyond the entries: it stores whole vectors.
constexpr std::int64_t narrow_slack = 16;

struct ProbeKernels {
    /// Positions of the entries whose extra bits are near enough, bucket by bucket; returns how many.
    /// `out` has room for all entries and narrow_slack more.
    std::int64_t (*narrow)(const Bucket* buckets, std::int64_t n, int position_bits, std::uint32_t* out);

    /// Writes a Hit for every position whose hash is within max_distance of the query and returns how
    /// many. `out` has room for n.
    std::int64_t (*verify)(const Planes& planes, const std::uint64_t* query,
                           const std::uint32_t* positions, std::int64_t n, int max_distance,
                           std::int32_t query_number, Hit* out);
};

extern const ProbeKernels probe_serial;
#if defined(__x86_64__)
extern const ProbeKernels probe_avx2;
extern const ProbeKernels probe_avx512;
#endif

inline const ProbeKernels& probe_kernels_for(cpu::Isa isa) {
#if defined(__x86_64__)
    if (isa == cpu::Isa::avx512) return probe_avx512;
    if (isa == cpu::Isa::avx2) return probe_avx2;
#endif
    (void)isa;
    return probe_serial;  // on AArch64 the compiler's own CNT serves
}

}  // namespace hashmatch::hamming
