// All pairs within a radius, block by block: of one snapshot with itself, or with another.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "hashmatch/hamming_plan.hpp"
#include "hashmatch/hamming_snapshot.hpp"

namespace hashmatch::hamming {

struct PairBlock {
    std::vector<std::int64_t> first;
    std::vector<std::int64_t> second;
    std::vector<std::uint16_t> distances;

    std::int64_t size() const { return static_cast<std::int64_t>(first.size()); }
    void clear() {
        first.clear();
        second.clear();
        distances.clear();
    }
};

/// Pairs of one snapshot, first id below second, each once. Not for several threads at a time.
class PairCursor {
public:
    /// A snapshot of several parts, or without tables where they would help, is merged first: that
    /// takes as much memory as the snapshot with tables.
    PairCursor(const Snapshot& snapshot, int max_distance);
    ~PairCursor();
    PairCursor(const PairCursor&) = delete;
    PairCursor& operator=(const PairCursor&) = delete;

    /// Appends the next pairs to `block` until it holds `wanted` or more (at most those of one hash
    /// more, of six where it scans) or the pairs end, and then returns true; or returns false after a
    /// second or so of work, to be called again.
    bool advance(std::int64_t wanted, PairBlock& block);

    bool probing() const;
    const Work& work() const;

private:
    class Join;
    class BucketJoin;
    class ScanJoin;
    std::unique_ptr<Join> join_;
};

/// Pairs of a hash in `base` (first) and one in `other` (second), in the order of `other`'s ids within a
/// part.
class CrossPairCursor {
public:
    CrossPairCursor(std::shared_ptr<const Snapshot> base, std::shared_ptr<const Snapshot> other,
                    int max_distance, SearchOptions options);

    /// As PairCursor::advance. Pairs of one hash of `other` come together.
    bool advance(std::int64_t wanted, PairBlock& block);

    const Work& work() const { return work_; }

private:
    std::shared_ptr<const Snapshot> base_;
    std::shared_ptr<const Snapshot> other_;
    int max_distance_;
    SearchOptions options_;
    std::size_t part_ = 0;
    std::int64_t position_ = 0;
    std::int64_t step_;
    Work work_;
};

}  // namespace hashmatch::hamming
