// A segment: hashes that never change again, ids ascending, with or without tables.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "hashmatch/hamming.hpp"
#include "hashmatch/hamming_tables.hpp"

namespace hashmatch::hamming {

struct Segment {
    Layout layout;
    Run<std::uint64_t> blocks;
    Run<std::int64_t> ids;  ///< strictly ascending
    Tables tables;

    std::int64_t size() const { return ids.size(); }
    Planes planes() const { return {blocks.data(), size(), layout.words()}; }
    std::int64_t memory_bytes() const { return blocks.bytes() + ids.bytes() + tables.bytes(); }
    void words_at(std::int64_t position, std::uint64_t* words) const;

    /// Position of an id, or size() if it is not there.
    std::int64_t find(std::int64_t id) const;
};

/// Which positions of a segment are removed.
class Tombstones {
public:
    explicit Tombstones(std::int64_t size) : words_((size + 63) / 64, 0) {}
    bool at(std::int64_t i) const { return (words_[i / 64] >> (i % 64) & 1) != 0; }
    void set(std::int64_t i) {
        count_ += at(i) ? 0 : 1;
        words_[i / 64] |= std::uint64_t{1} << (i % 64);
    }
    std::int64_t count() const { return count_; }
    std::int64_t memory_bytes() const { return static_cast<std::int64_t>(words_.capacity()) * 8; }
    const std::vector<std::uint64_t>& words() const { return words_; }

private:
    std::vector<std::uint64_t> words_;
    std::int64_t count_ = 0;
};

/// A segment and what is removed from it; null where nothing is.
struct Part {
    std::shared_ptr<const Segment> segment;
    std::shared_ptr<const Tombstones> removed;

    std::int64_t live() const { return segment->size() - (removed ? removed->count() : 0); }
    bool is_removed(std::int64_t position) const { return removed && removed->at(position); }
};

/// n hashes of layout.bytes() bytes under ids, which need not be sorted but are unique.
std::shared_ptr<const Segment> make_segment(const Layout& layout, const std::uint8_t* hashes,
                                            const std::int64_t* ids, std::int64_t n, bool with_tables);

/// What is live in the parts, whose ids are disjoint.
std::shared_ptr<const Segment> merged(const Layout& layout, const std::vector<Part>& parts,
                                      bool with_tables);

/// Whether a segment that came from outside can be searched without leaving memory and answers from
/// what it holds: sizes, ids ascending, unused places zero, tables sound. Reads everything once.
bool sound(const Segment& segment);

}  // namespace hashmatch::hamming
