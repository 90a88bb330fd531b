#include <algorithm>
#include <limits>

#include "hamming/probe.hpp"
#include "hamming/results.hpp"
#include "hashmatch/hamming_snapshot.hpp"
#include "hashmatch/parallel.hpp"

namespace hashmatch::hamming {
namespace {

// Below this many hashes times queries a thread costs more than it saves.
constexpr std::int64_t worth_a_thread = 1 << 20;

struct Queries {
    std::vector<std::uint64_t> packed;
    std::vector<std::uint64_t> spread;
    std::int64_t n;
    int words;
};

Queries prepared(const Snapshot& snapshot, const std::uint8_t* queries, std::int64_t n) {
    Queries result{snapshot.packed(queries, n), {}, n, snapshot.layout.words()};
    result.spread.resize(result.packed.size());
    for (std::int64_t i = 0; i < n; ++i) {
        snapshot.layout.spread(&result.packed[i * result.words], &result.spread[i * result.words]);
    }
    return result;
}

// Answers what the tables answer; returns the numbers of the queries that a scan must answer.
std::vector<std::int32_t> probe_all(const Segment& segment, const Queries& queries, int max_distance,
                                    const SearchOptions& options, std::vector<Hit>& hits, Work& work) {
    struct Shard {
        std::vector<Hit> hits;
        std::vector<std::int32_t> left;
        Work work;
    };
    std::vector<Shard> shards(static_cast<std::size_t>(std::max(1, options.threads)));
    parallel_shards(options.threads, queries.n, [&](int number, std::int64_t first, std::int64_t last) {
        Shard& shard = shards[number];
        thread_local ProbeRoom room;
        for (std::int64_t q = first; q < last; ++q) {
            const std::uint64_t* packed = &queries.packed[q * queries.words];
            const std::uint64_t* spread = &queries.spread[q * queries.words];
            const auto query = static_cast<std::int32_t>(q);
            const Plan plan = make_plan(segment, spread, max_distance, queries.n, options.strategy);
            const bool forced = options.strategy == Strategy::probe;
            const double budget =
                forced ? std::numeric_limits<double>::infinity() : plan.scan_ns * worth_trying;
            if (!plan.probing || !probe(segment, plan, packed, spread, max_distance, query, budget, room,
                                        shard.hits, shard.work)) {
                shard.left.push_back(query);
            }
        }
    });
    std::vector<std::int32_t> left;
    for (const Shard& shard : shards) {
        hits.insert(hits.end(), shard.hits.begin(), shard.hits.end());
        left.insert(left.end(), shard.left.begin(), shard.left.end());
        work.add(shard.work);
    }
    return left;
}

void scan_some(const Segment& segment, const Queries& queries, const std::vector<std::int32_t>& numbers,
               const Radius& radius, int threads, std::vector<Hit>& hits, Work& work) {
    const auto n = static_cast<std::int64_t>(numbers.size());
    if (n == 0) return;
    std::vector<std::uint64_t> packed;
    packed.reserve(n * queries.words);
    for (const std::int32_t number : numbers) {
        const std::uint64_t* query = &queries.packed[static_cast<std::int64_t>(number) * queries.words];
        packed.insert(packed.end(), query, query + queries.words);
    }
    const Planes planes = segment.planes();
    const std::int64_t useful = planes.size * n / worth_a_thread + 1;
    const int shards = static_cast<int>(std::min<std::int64_t>(std::max(threads, 1), useful));
    std::vector<std::vector<Hit>> found(static_cast<std::size_t>(shards));
    parallel_shards(shards, planes.n_blocks(), [&](int shard, std::int64_t first, std::int64_t last) {
        range_scan(planes, first * block_hashes, std::min(last * block_hashes, planes.size),
                   packed.data(), n, radius, found[shard]);
    });
    for (std::vector<Hit>& shard : found) {
        for (Hit& hit : shard) hit.query = numbers[hit.query];
        hits.insert(hits.end(), shard.begin(), shard.end());
    }
    work.scanned += planes.size * n;
}

}  // namespace

SearchResult range_search(const Snapshot& snapshot, const std::uint8_t* queries, std::int64_t n,
                          const Radius& radius, const SearchOptions& options, Work& work) {
    const Queries ready = prepared(snapshot, queries, n);
    std::vector<std::int32_t> all(n);
    for (std::int64_t i = 0; i < n; ++i) all[i] = static_cast<std::int32_t>(i);
    std::vector<FoundHit> found;
    std::vector<Hit> hits;
    for (const Part& part : snapshot.parts) {
        const Segment& segment = *part.segment;
        const bool probing = !segment.tables.empty() && !radius.prefilter;
        hits.clear();
        const std::vector<std::int32_t> left =
            probing ? probe_all(segment, ready, radius.max_distance, options, hits, work) : all;
        scan_some(segment, ready, left, radius, options.threads, hits, work);
        take_live(part, hits, found);
    }
    return in_order(found, n);
}

std::vector<Plan> explain(const Snapshot& snapshot, const std::uint8_t* query, int max_distance,
                          std::int64_t n_queries, Strategy strategy) {
    const Queries ready = prepared(snapshot, query, 1);
    std::vector<Plan> plans;
    for (const Part& part : snapshot.parts) {
        plans.push_back(
            make_plan(*part.segment, ready.spread.data(), max_distance, n_queries, strategy));
    }
    return plans;
}

}  // namespace hashmatch::hamming
