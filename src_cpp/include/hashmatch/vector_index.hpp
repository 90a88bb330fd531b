// VectorIndex: byte vectors under the caller's own ids; exact answers, sorted by (query, distance, id).
//
// Safe to use from several threads: a search works on the snapshot that it found, a writer replaces it.
// Writers wait for each other, readers for nobody.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "hashmatch/vector.hpp"

namespace hashmatch::vector {

/// Hits of query i are entries offsets[i] .. offsets[i+1]-1, ordered by (distance, id).
struct SearchResult {
    std::vector<std::int64_t> offsets;
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> distances;
};

class Index {
public:
    /// Throws std::invalid_argument unless 1 <= dims <= max_dims.
    explicit Index(int dims) : layout_(dims), now_(std::make_shared<Snapshot>()) {}

    const Layout& layout() const { return layout_; }
    int dims() const { return layout_.dims(); }
    std::int64_t size() const { return snapshot()->living; }
    std::int64_t memory_bytes() const;

    /// Adds n vectors under n ids. Throws std::invalid_argument if an id is already there or stands
    /// twice among them; then, as after any exception, nothing is added.
    void add(const std::uint8_t* rows, const std::int64_t* ids, std::int64_t n);

    /// Adds n vectors under fresh ids, one above the largest id ever used; returns the first. Throws
    /// std::invalid_argument where int64 has too few of them left.
    std::int64_t add(const std::uint8_t* rows, std::int64_t n);

    /// Removes n ids. Throws std::invalid_argument, with nothing removed, if an id is not there or
    /// stands twice among them.
    void remove(const std::int64_t* ids, std::int64_t n);

    /// Takes planes that somebody else holds (a mapped file) as the content of an empty index. Throws
    /// std::invalid_argument unless the ids ascend and stay below next_id (or both end at int64's last),
    /// and the index is empty. The memory must outlive the index.
    void attach(std::int64_t size, const std::int64_t* ids, const std::uint8_t* head,
                const std::uint8_t* tail, std::int64_t next_id);

    struct Content {
        std::shared_ptr<const Segment> segment;
        std::int64_t next_id;  // one above the largest id ever used, as far as int64 goes
    };

    /// All living vectors as one segment; a new one only if they are not in one already.
    Content gathered() const;

    /// All vectors within max_distance (inclusive, squared, >= 0) of each of n queries.
    SearchResult range_search(const std::uint8_t* queries, std::int64_t n, std::int64_t max_distance,
                              int threads) const;

    /// The k nearest of each query, fewer if the index holds fewer; ties go to the smaller id.
    SearchResult knn(const std::uint8_t* queries, std::int64_t n, std::int64_t k) const;

private:
    struct Held {
        std::shared_ptr<const Segment> segment;
        std::shared_ptr<const std::vector<bool>> dead;  // null: none
        std::int64_t living;

        std::int64_t find(std::int64_t id) const;  // -1: not there, or removed
    };

    struct Snapshot {
        std::vector<Held> parts;  // each more than twice as large as the next, so few
        std::int64_t living = 0;
        std::int64_t next_id = 0;

        std::vector<Part> view() const;
        bool contains(std::int64_t id) const;
    };

    std::shared_ptr<const Snapshot> snapshot() const;
    void publish(std::vector<Held> parts, std::int64_t next_id);
    void append(const std::uint8_t* rows, const std::int64_t* ids, std::int64_t n);
    std::shared_ptr<const Segment> merged(const std::vector<Held>& parts) const;

    Layout layout_;
    std::mutex writing_;           // one writer at a time
    mutable std::mutex swapping_;  // held to copy or replace the pointer, never longer
    std::shared_ptr<const Snapshot> now_;
};

}  // namespace hashmatch::vector
