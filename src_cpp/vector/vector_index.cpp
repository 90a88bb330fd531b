// Searches, and what readers see; vector_changes.cpp has the writers.
#include "hashmatch/vector_index.hpp"

#include <algorithm>

namespace hashmatch::vector {
namespace {

/// Queries that are packed and scanned at once; bounds the memory beside the hits.
constexpr std::int64_t batch_queries = 1024;

}  // namespace

std::int64_t Index::Held::find(std::int64_t id) const {
    const std::int64_t at = segment->find(id);
    return at >= 0 && dead != nullptr && (*dead)[at] ? -1 : at;
}

std::vector<Part> Index::Snapshot::view() const {
    std::vector<Part> view;
    for (const Held& part : parts) view.push_back({part.segment.get(), part.dead.get()});
    return view;
}

bool Index::Snapshot::contains(std::int64_t id) const {
    return std::any_of(parts.begin(), parts.end(),
                       [id](const Held& part) { return part.find(id) >= 0; });
}

std::shared_ptr<const Index::Snapshot> Index::snapshot() const {
    const std::lock_guard lock(swapping_);
    return now_;
}

std::int64_t Index::memory_bytes() const {
    const auto seen = snapshot();
    std::int64_t bytes = 0;
    for (const Held& part : seen->parts) {
        bytes += part.segment->memory_bytes();
        if (part.dead != nullptr) bytes += static_cast<std::int64_t>(part.dead->capacity() / 8);
    }
    return bytes;
}

SearchResult Index::range_search(const std::uint8_t* queries, std::int64_t n, std::int64_t max_distance,
                                 int threads) const {
    const auto seen = snapshot();
    const std::vector<Part> parts = seen->view();
    const auto radius =
        static_cast<std::int32_t>(std::min<std::int64_t>(max_distance, layout_.largest_distance()));
    SearchResult result{{0}, {}, {}};
    result.offsets.reserve(n + 1);
    for (std::int64_t first = 0; first < n; first += batch_queries) {
        const auto count = static_cast<std::int32_t>(std::min(batch_queries, n - first));
        std::vector<Hit> hits =
            range_scan(layout_, parts, queries + first * dims(), count, radius, threads);
        std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
            if (a.query != b.query) return a.query < b.query;
            return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
        });
        std::vector<std::int64_t> counts(count, 0);
        for (const Hit& hit : hits) {
            ++counts[hit.query];
            result.ids.push_back(hit.id);
            result.distances.push_back(hit.distance);
        }
        for (const std::int64_t c : counts) result.offsets.push_back(result.offsets.back() + c);
    }
    return result;
}

SearchResult Index::knn(const std::uint8_t* queries, std::int64_t n, std::int64_t k) const {
    const auto seen = snapshot();
    const std::vector<Part> parts = seen->view();
    SearchResult result{{0}, {}, {}};
    for (std::int64_t i = 0; i < n; ++i) {
        for (const Neighbour& one : nearest(layout_, parts, queries + i * dims(), k)) {
            result.ids.push_back(one.id);
            result.distances.push_back(one.distance);
        }
        result.offsets.push_back(static_cast<std::int64_t>(result.ids.size()));
    }
    return result;
}

}  // namespace hashmatch::vector
