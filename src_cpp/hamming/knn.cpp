// The k nearest: the radius of the k-th best so far shrinks while the base goes by.
#include <algorithm>
#include <cstdint>

#include "hamming/results.hpp"
#include "hashmatch/hamming_snapshot.hpp"
#include "hashmatch/parallel.hpp"

namespace hashmatch::hamming {
namespace {

constexpr std::int64_t first_look = 4096;  // hashes whose distances are all computed
constexpr std::int64_t stretch = 16384;    // hashes scanned at one radius

// The k best neighbours met so far.
class Best {
public:
    Best(std::int64_t k, int bits) : k_(k), limit_(bits) {}

    int limit() const { return limit_; }
    void take(const Neighbour& neighbour) {
        if (neighbour.distance <= limit_) kept_.push_back(neighbour);
    }

    // Drops what is beyond the k-th once there is much of it, so that a large k costs no more a hash.
    void shrink_sometimes() {
        if (static_cast<std::int64_t>(kept_.size()) > 2 * k_ + 64) shrink();
    }

    void shrink() {
        if (static_cast<std::int64_t>(kept_.size()) <= k_) return;
        const auto kth = kept_.begin() + (k_ - 1);
        std::nth_element(kept_.begin(), kth, kept_.end());
        limit_ = kth->distance;
        kept_.resize(static_cast<std::size_t>(k_));
    }

    std::vector<Neighbour>& sorted() {
        shrink();
        std::sort(kept_.begin(), kept_.end());
        return kept_;
    }

private:
    std::int64_t k_;
    int limit_;
    std::vector<Neighbour> kept_;
};

void look(const Part& part, std::int64_t n, const std::uint64_t* query, Best& best) {
    std::vector<std::uint16_t> found(static_cast<std::size_t>(n + block_hashes));
    distances(part.segment->planes(), 0, n, query, found.data());
    for (std::int64_t p = 0; p < n; ++p) {
        if (!part.is_removed(p)) best.take({part.segment->ids[p], found[p]});
    }
    best.shrink();
}

std::vector<Neighbour> nearest(const Snapshot& snapshot, const std::uint64_t* query, std::int64_t k) {
    Best best(k, snapshot.layout.bits());
    std::vector<Hit> hits;
    for (const Part& part : snapshot.parts) {
        const std::int64_t size = part.segment->size();
        const std::int64_t looked = std::min(size, first_look);
        look(part, looked, query, best);
        for (std::int64_t first = looked; first < size; first += stretch) {
            hits.clear();
            range_scan(part.segment->planes(), first, std::min(first + stretch, size), query, 1,
                       {best.limit(), false, 0}, hits);
            for (const Hit& hit : hits) {
                if (part.is_removed(hit.position)) continue;
                best.take({part.segment->ids[hit.position], hit.distance});
            }
            best.shrink_sometimes();
        }
    }
    return best.sorted();
}

// Where the tables find k within a radius that costs them less than a scan, those are the answer.
bool within_tables(const Snapshot& snapshot, const std::uint8_t* query, std::int64_t k,
                   SearchResult& found) {
    const int radius = snapshot.layout.bits() * 31 / 256;
    for (const Plan& plan : explain(snapshot, query, radius, 1, Strategy::automatic)) {
        if (!plan.probing && plan.scan_ns > 20'000) return false;
    }
    Work work;
    found = range_search(snapshot, query, 1, {radius, false, 0}, {}, work);
    return static_cast<std::int64_t>(found.ids.size()) >= k;
}

}  // namespace

SearchResult knn(const Snapshot& snapshot, const std::uint8_t* queries, std::int64_t n, std::int64_t k,
                 const SearchOptions& options) {
    const Layout& layout = snapshot.layout;
    const std::int64_t wanted = std::min(k, snapshot.size());
    std::vector<std::vector<Neighbour>> found(n);
    if (wanted == 0) return {std::vector<std::int64_t>(n + 1, 0), {}, {}};
    parallel_shards(options.threads, n, [&](int, std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) {
            const std::uint8_t* query = queries + i * layout.bytes();
            SearchResult close;
            if (options.strategy != Strategy::scan && within_tables(snapshot, query, wanted, close)) {
                for (std::int64_t h = 0; h < wanted; ++h) {
                    found[i].push_back({close.ids[h], close.distances[h]});
                }
                continue;
            }
            found[i] = nearest(snapshot, snapshot.packed(query, 1).data(), wanted);
        }
    });
    SearchResult result{{0}, {}, {}};
    for (const auto& neighbours : found) {
        append(result, neighbours.data(), neighbours.data() + neighbours.size());
    }
    return result;
}

}  // namespace hashmatch::hamming
