// What an index held at one moment, and the questions to it. Never changes; shared by any number of
// threads.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "hashmatch/hamming_plan.hpp"
#include "hashmatch/hamming_segment.hpp"

namespace hashmatch::hamming {

/// Hits of query i are entries offsets[i] .. offsets[i+1]-1, ordered by (distance, id).
struct SearchResult {
    std::vector<std::int64_t> offsets;
    std::vector<std::int64_t> ids;
    std::vector<std::uint16_t> distances;
};

struct SearchOptions {
    Strategy strategy = Strategy::automatic;
    int threads = 1;
};

struct Snapshot {
    Layout layout;
    std::vector<Part> parts;

    std::int64_t size() const;
    std::int64_t memory_bytes() const;
    bool contains(std::int64_t id) const;

    /// n queries of layout.bytes() bytes, as words.
    std::vector<std::uint64_t> packed(const std::uint8_t* queries, std::int64_t n) const;
};

/// All hashes within the radius of each of n packed-byte queries; adds what was done to `work`.
SearchResult range_search(const Snapshot& snapshot, const std::uint8_t* queries, std::int64_t n,
                          const Radius& radius, const SearchOptions& options, Work& work);

/// The k nearest of each query, fewer if there are fewer; ties go to the smaller id.
SearchResult knn(const Snapshot& snapshot, const std::uint8_t* queries, std::int64_t n, std::int64_t k,
                 const SearchOptions& options);

/// The plan of one query on each part, as range_search would make it for n_queries at once.
std::vector<Plan> explain(const Snapshot& snapshot, const std::uint8_t* query, int max_distance,
                          std::int64_t n_queries, Strategy strategy);

}  // namespace hashmatch::hamming
