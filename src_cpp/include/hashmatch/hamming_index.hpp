// HammingIndex: hashes under the caller's own ids, changed by one writer at a time while any number of
// readers search the snapshot that they hold.
//
// Hashes are kept in segments that never change. An addition makes a new segment; four of about a size
// are merged into one, so that there are few and each hash is moved a logarithmic number of times.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "hashmatch/hamming_snapshot.hpp"

namespace hashmatch::hamming {

class Index {
public:
    /// with_tables: whether large segments get tables for multi-index search.
    Index(int bits, bool with_tables);

    int bits() const { return layout_.bits(); }
    const Layout& layout() const { return layout_; }
    bool with_tables() const { return with_tables_; }
    std::shared_ptr<const Snapshot> snapshot() const;

    /// Adds n hashes under n ids. Throws std::invalid_argument if an id is already there or stands twice
    /// among them; then, as after any exception, nothing is added.
    void add(const std::uint8_t* hashes, const std::int64_t* ids, std::int64_t n);

    /// Adds n hashes under fresh ids, one above the largest id ever used; returns the first. Throws
    /// std::invalid_argument where int64 has too few of them left.
    std::int64_t add(const std::uint8_t* hashes, std::int64_t n);

    /// Removes n ids. Throws std::invalid_argument, with nothing removed, if an id is not there or
    /// stands twice among them.
    void remove(const std::int64_t* ids, std::int64_t n);

    /// Merges all into one segment without removed hashes, with the tables that fit its size.
    void compact();

    /// Puts sound parts with disjoint ids in place of everything. Throws std::invalid_argument where
    /// they are not of this index's length or share an id.
    void replace(std::vector<Part> parts, std::int64_t next_id);

    std::int64_t next_id() const;

private:
    void append(const std::uint8_t* hashes, const std::int64_t* ids, std::int64_t n);
    void publish(std::vector<Part> parts, std::int64_t next_id);

    Layout layout_;
    bool with_tables_;
    std::mutex writing_;  // one writer; held while a segment is built
    mutable std::mutex publishing_;
    std::shared_ptr<const Snapshot> snapshot_;
    std::int64_t next_id_ = 0;
};

}  // namespace hashmatch::hamming
