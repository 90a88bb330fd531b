// HammingIndex: hashes under the caller's own ids; exact answers, sorted by (query, distance, id).
//
// Safe to use from several threads: searches share, add and remove exclude.
#pragma once

#include <cstdint>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "hashmatch/hamming.hpp"

namespace hashmatch::hamming {

/// Hits of query i are entries offsets[i] .. offsets[i+1]-1, ordered by (distance, id).
struct SearchResult {
    std::vector<std::int64_t> offsets;
    std::vector<std::int64_t> ids;
    std::vector<std::uint16_t> distances;
};

class Index {
public:
    explicit Index(int bits) : base_(bits) {}

    int bits() const { return base_.bits(); }
    std::int64_t size() const;
    std::int64_t memory_bytes() const;

    /// Adds n hashes under n ids. Throws std::invalid_argument if an id is already there or stands twice
    /// among them; then, as after any exception, nothing is added.
    void add(const std::uint8_t* hashes, const std::int64_t* ids, std::int64_t n);

    /// Adds n hashes under fresh ids, one above the largest id ever used; returns the first. Throws
    /// std::invalid_argument where int64 has too few of them left.
    std::int64_t add(const std::uint8_t* hashes, std::int64_t n);

    /// Removes n ids. Throws std::invalid_argument, with nothing removed, if an id is not there or
    /// stands twice among them.
    void remove(const std::int64_t* ids, std::int64_t n);

    /// All hashes within max_distance (inclusive, >= 0) of each of n packed-byte queries.
    SearchResult range_search(const std::uint8_t* queries, std::int64_t n, int max_distance) const;

    /// The k nearest of each query, fewer if the index holds fewer; ties go to the smaller id.
    SearchResult knn(const std::uint8_t* queries, std::int64_t n, std::int64_t k) const;

private:
    /// Adds all or, on any exception, none; the caller holds the lock.
    void append(const std::uint8_t* hashes, const std::int64_t* ids, std::int64_t n);
    std::vector<std::uint64_t> packed(const std::uint8_t* queries, std::int64_t n) const;

    mutable std::shared_mutex mutex_;
    Base base_;
    std::vector<std::int64_t> ids_;  // by position
    std::unordered_map<std::int64_t, std::int64_t> positions_;
    std::int64_t next_id_ = 0;
};

}  // namespace hashmatch::hamming
