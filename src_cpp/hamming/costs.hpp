// What work costs, in nanoseconds, so that the two plans can be compared. Rough is enough: where they
// cost the same it does not matter which one runs.
#pragma once

#include <cstdint>

#include "hashmatch/cpu.hpp"
#include "hashmatch/hamming_tables.hpp"

namespace hashmatch::hamming {

/// Fitted to one core of a 2-core Zen 4 server with 32 MB of L3 (benchmarks/results/).
struct Costs {
    double word;    ///< scan: one word of one hash, in L2, where a tile of queries shares it
    double single;  ///< the same for one query
    double stream;  ///< scan: one word of one hash from memory
    double probe;   ///< multi-index: one bucket, its directory entry and its first line
    double entry;   ///< one entry narrowed down
    double verify;  ///< one hash fetched and compared
    double query;   ///< a query's plan
};

/// What is probed lies in memory rather than in a cache the more, the larger the segment.
Costs costs_of(cpu::Isa isa, std::int64_t size);

/// A scan of `size` hashes, as one of `n_queries`: a tile of queries reads memory once.
double scan_cost(const Costs& costs, std::int64_t size, int words, int max_distance,
                 std::int64_t n_queries);

/// How many of `bits` bits' values lie within `radius`.
double volume(int bits, int radius);

/// Share of the entries in a chunk's buckets within `radius` that pass on their extra bits.
double passing_share(const TableShape& shape, int c, int radius);

}  // namespace hashmatch::hamming
