#include "hamming/results.hpp"

namespace hashmatch::hamming {

SearchResult in_order(const std::vector<FoundHit>& found, std::int64_t n) {
    std::vector<std::int64_t> ends(n + 1, 0);
    for (const FoundHit& hit : found) ++ends[hit.query + 1];
    for (std::int64_t i = 0; i < n; ++i) ends[i + 1] += ends[i];
    std::vector<std::int64_t> next(ends.begin(), ends.end() - 1);
    std::vector<Neighbour> grouped(found.size());
    for (const FoundHit& hit : found) grouped[next[hit.query]++] = hit.neighbour;
    SearchResult result{{0}, {}, {}};
    result.offsets.reserve(n + 1);
    result.ids.reserve(found.size());
    result.distances.reserve(found.size());
    for (std::int64_t i = 0; i < n; ++i) {
        Neighbour* first = grouped.data() + ends[i];
        Neighbour* last = grouped.data() + ends[i + 1];
        std::sort(first, last);
        append(result, first, std::unique(first, last));
    }
    return result;
}

}  // namespace hashmatch::hamming
