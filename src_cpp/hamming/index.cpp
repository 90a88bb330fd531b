#include <algorithm>
#include <limits>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string>

#include "hashmatch/hamming_index.hpp"

namespace hashmatch::hamming {
namespace {

struct Neighbour {
    std::int64_t id;
    std::int32_t distance;
};

bool nearer(const Neighbour& a, const Neighbour& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
}

void take(SearchResult& result, std::vector<Neighbour>::const_iterator first,
          std::vector<Neighbour>::const_iterator last) {
    for (; first != last; ++first) {
        result.ids.push_back(first->id);
        result.distances.push_back(static_cast<std::uint16_t>(first->distance));
    }
    result.offsets.push_back(static_cast<std::int64_t>(result.ids.size()));
}

std::string quoted(std::int64_t id) {
    return "ids: id " + std::to_string(id);
}

}  // namespace

std::int64_t Index::size() const {
    const std::shared_lock lock(mutex_);
    return base_.size();
}

std::int64_t Index::memory_bytes() const {
    const std::shared_lock lock(mutex_);
    constexpr std::size_t map_entry = 2 * sizeof(std::int64_t) + 2 * sizeof(void*);
    return base_.memory_bytes() + static_cast<std::int64_t>(ids_.capacity() * sizeof(std::int64_t) +
                                                            positions_.size() * map_entry +
                                                            positions_.bucket_count() * sizeof(void*));
}

void Index::append(const std::uint8_t* hashes, const std::int64_t* ids, std::int64_t n) {
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    const std::int64_t before = base_.size();
    std::int64_t placed = 0;
    try {
        for (; placed < n; ++placed) {
            const auto [at, fresh] = positions_.try_emplace(ids[placed], before + placed);
            if (fresh) continue;
            throw std::invalid_argument(quoted(ids[placed]) + (at->second < before
                                                                   ? " is already in the index"
                                                                   : " stands twice"));
        }
        base_.append(hashes, n);
        ids_.insert(ids_.end(), ids, ids + n);
    } catch (...) {  // a refused id, or no memory: as before
        for (std::int64_t i = 0; i < placed; ++i) positions_.erase(ids[i]);
        base_.truncate(before);
        throw;
    }
    for (std::int64_t i = 0; i < n; ++i) {
        if (ids[i] >= next_id_) next_id_ = ids[i] == largest ? largest : ids[i] + 1;
    }
}

void Index::add(const std::uint8_t* hashes, const std::int64_t* ids, std::int64_t n) {
    const std::unique_lock lock(mutex_);
    append(hashes, ids, n);
}

std::int64_t Index::add(const std::uint8_t* hashes, std::int64_t n) {
    const std::unique_lock lock(mutex_);
    const std::int64_t first = next_id_;
    if (n > std::numeric_limits<std::int64_t>::max() - first) {
        throw std::invalid_argument("ids: no id is left above the largest one; pass ids");
    }
    std::vector<std::int64_t> ids(n);
    std::iota(ids.begin(), ids.end(), first);
    append(hashes, ids.data(), n);
    return first;
}

void Index::remove(const std::int64_t* ids, std::int64_t n) {
    const std::unique_lock lock(mutex_);
    std::vector<std::int64_t> wanted(ids, ids + n);
    std::sort(wanted.begin(), wanted.end());
    const auto twice = std::adjacent_find(wanted.begin(), wanted.end());
    if (twice != wanted.end()) throw std::invalid_argument(quoted(*twice) + " stands twice");
    for (const std::int64_t id : wanted) {
        if (!positions_.contains(id)) throw std::invalid_argument(quoted(id) + " is not in the index");
    }
    for (const std::int64_t id : wanted) {
        const auto found = positions_.find(id);
        const std::int64_t hole = found->second;
        const std::int64_t last = static_cast<std::int64_t>(ids_.size()) - 1;
        positions_.erase(found);
        if (hole != last) {  // the last one moves in: positions mean nothing outside
            base_.move(last, hole);
            ids_[hole] = ids_[last];
            positions_[ids_[hole]] = hole;
        }
        ids_.pop_back();
    }
    base_.truncate(static_cast<std::int64_t>(ids_.size()));
}

std::vector<std::uint64_t> Index::packed(const std::uint8_t* queries, std::int64_t n) const {
    std::vector<std::uint64_t> words(n * base_.words());
    for (std::int64_t i = 0; i < n; ++i) {
        base_.pack(queries + i * base_.bytes(), &words[i * base_.words()]);
    }
    return words;
}

SearchResult Index::range_search(const std::uint8_t* queries, std::int64_t n, int max_distance) const {
    const std::shared_lock lock(mutex_);
    const std::vector<Hit> hits = range_scan(base_, packed(queries, n).data(), n, max_distance);
    std::vector<std::int64_t> ends(n + 1, 0);
    for (const Hit& hit : hits) ++ends[hit.query + 1];
    for (std::int64_t i = 0; i < n; ++i) ends[i + 1] += ends[i];
    std::vector<std::int64_t> next(ends.begin(), ends.end() - 1);
    std::vector<Neighbour> grouped(hits.size());
    for (const Hit& hit : hits) grouped[next[hit.query]++] = {ids_[hit.position], hit.distance};
    SearchResult result{{0}, {}, {}};
    result.ids.reserve(hits.size());
    result.distances.reserve(hits.size());
    for (std::int64_t i = 0; i < n; ++i) {
        const auto first = grouped.begin() + ends[i];
        const auto last = grouped.begin() + ends[i + 1];
        std::sort(first, last, nearer);
        take(result, first, last);
    }
    return result;
}

SearchResult Index::knn(const std::uint8_t* queries, std::int64_t n, std::int64_t k) const {
    const std::shared_lock lock(mutex_);
    const std::vector<std::uint64_t> words = packed(queries, n);
    const std::int64_t size = base_.size();
    const std::int64_t wanted = std::min(k, size);
    std::vector<std::uint16_t> found(base_.n_blocks() * block_hashes);
    std::vector<std::int64_t> counts;
    std::vector<Neighbour> nearest;
    SearchResult result{{0}, {}, {}};
    for (std::int64_t i = 0; i < n; ++i) {
        distances(base_, &words[i * base_.words()], found.data());
        // The distance of the k-th neighbour from a histogram, then everything up to it.
        counts.assign(base_.bits() + 1, 0);
        for (std::int64_t p = 0; p < size; ++p) ++counts[found[p]];
        int limit = 0;
        for (std::int64_t seen = counts[0]; seen < wanted; seen += counts[++limit]) {
        }
        nearest.clear();
        for (std::int64_t p = 0; p < size; ++p) {
            if (found[p] <= limit) nearest.push_back({ids_[p], found[p]});
        }
        const auto last = nearest.begin() + std::min<std::int64_t>(wanted, nearest.size());
        std::partial_sort(nearest.begin(), last, nearest.end(), nearer);
        take(result, nearest.begin(), last);
    }
    return result;
}

}  // namespace hashmatch::hamming
