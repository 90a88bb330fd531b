// Radii of the chunks for a given radius of the hash, by what the buckets around a query hold.
#pragma once

#include <array>
#include <cstdint>

#include "hamming/costs.hpp"
#include "hamming/masks.hpp"
#include "hashmatch/hamming_tables.hpp"

namespace hashmatch::hamming {

/// Entries of the query's own bucket, and of those one bit of the key away.
struct ChunkLoad {
    double own;
    double around;
};

struct Probing {
    Radii radii{};
    double probes = 0;
    double entries = 0;
    double verified = 0;
    double ns = 0;
};

/// Whether the radii of `shape` can cover a hash radius.
inline bool coverable(const TableShape& shape, int max_distance) {
    return shape.chunks > 0 && max_distance < shape.chunks * (max_key_radius + 1);
}

/// The cheapest radii with sum (radius + 1) = max_distance + 1, which must be coverable.
Probing choose_radii(const TableShape& shape, std::int64_t size, int max_distance,
                     const std::array<ChunkLoad, max_chunks>& loads, const Costs& costs);

}  // namespace hashmatch::hamming
