// Join of two snapshots: each hash of the other is a query.
#include <algorithm>

#include "hamming/scan_kernels.hpp"
#include "hashmatch/hamming_pairs.hpp"

namespace hashmatch::hamming {

CrossPairCursor::CrossPairCursor(std::shared_ptr<const Snapshot> base,
                                 std::shared_ptr<const Snapshot> other, int max_distance,
                                 SearchOptions options)
    : base_(std::move(base)),
      other_(std::move(other)),
      max_distance_(max_distance),
      options_(options),
      step_(tile_queries) {}

bool CrossPairCursor::advance(std::int64_t wanted, PairBlock& block) {
    constexpr std::int64_t longest = 4096;
    if (part_ == other_->parts.size() || block.size() >= wanted) return true;
    const Part& part = other_->parts[part_];
    const Layout& layout = other_->layout;
    std::vector<std::uint64_t> words(layout.words());
    std::vector<std::uint8_t> queries;
    std::vector<std::int64_t> ids;
    for (; position_ < part.segment->size() && static_cast<std::int64_t>(ids.size()) < step_;
         ++position_) {
        if (part.is_removed(position_)) continue;
        part.segment->words_at(position_, words.data());
        queries.resize(queries.size() + layout.bytes());
        layout.unpack(words.data(), queries.data() + queries.size() - layout.bytes());
        ids.push_back(part.segment->ids[position_]);
    }
    if (position_ == part.segment->size()) {
        ++part_;
        position_ = 0;
    }
    const auto n = static_cast<std::int64_t>(ids.size());
    const SearchResult found =
        range_search(*base_, queries.data(), n, {max_distance_, false, 0}, options_, work_);
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t h = found.offsets[i]; h < found.offsets[i + 1]; ++h) {
            block.first.push_back(found.ids[h]);
            block.second.push_back(ids[i]);
            block.distances.push_back(found.distances[h]);
        }
    }
    // Few hashes at a time where they have many neighbours, many where they have few.
    const auto hits = static_cast<std::int64_t>(found.ids.size());
    step_ = hits > wanted ? std::max<std::int64_t>(1, step_ / 4) : std::min(longest, step_ * 2);
    return part_ == other_->parts.size() || block.size() >= wanted;
}

}  // namespace hashmatch::hamming
