// Hits of many queries, grouped and put in order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "hashmatch/hamming_snapshot.hpp"

namespace hashmatch::hamming {

struct Neighbour {
    std::int64_t id;
    std::int32_t distance;

    bool operator==(const Neighbour&) const = default;
    bool operator<(const Neighbour& other) const {
        return distance != other.distance ? distance < other.distance : id < other.id;
    }
};

struct FoundHit {
    std::int32_t query;
    Neighbour neighbour;
};

/// Appends the hits of one part under their ids, without the removed ones.
inline void take_live(const Part& part, const std::vector<Hit>& hits, std::vector<FoundHit>& found) {
    for (const Hit& hit : hits) {
        if (part.is_removed(hit.position)) continue;
        found.push_back({hit.query, {part.segment->ids[hit.position], hit.distance}});
    }
}

inline void append(SearchResult& result, const Neighbour* first, const Neighbour* last) {
    for (; first != last; ++first) {
        result.ids.push_back(first->id);
        result.distances.push_back(static_cast<std::uint16_t>(first->distance));
    }
    result.offsets.push_back(static_cast<std::int64_t>(result.ids.size()));
}

/// The result for n queries; a hit that stands several times is kept once.
SearchResult in_order(const std::vector<FoundHit>& found, std::int64_t n);

}  // namespace hashmatch::hamming
