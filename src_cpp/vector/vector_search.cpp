// The scan over all parts: chunks of the heads that stay in L2, tiles of queries over each, and the
// whole distance only where a head came near.
#include <algorithm>
#include <mutex>

#include "hashmatch/parallel.hpp"
#include "vector/l2_kernels.hpp"

namespace hashmatch::vector {
namespace {

constexpr std::int64_t chunk_bytes = 256 * 1024;

/// Queries in the kernels' forms.
class PackedQueries {
public:
    PackedQueries(const Layout& layout, const std::uint8_t* rows, std::int32_t n) : queries_(n) {
        const std::size_t groups = layout.groups();
        bytes_.resize(n * groups * group_bytes);
        words_.resize(2 * n * groups);
        for (std::int32_t i = 0; i < n; ++i) {
            std::uint8_t* bytes = &bytes_[i * groups * group_bytes];
            std::uint32_t* even = &words_[2 * i * groups];
            std::uint32_t* odd = even + groups;
            layout.pack(rows + static_cast<std::int64_t>(i) * layout.dims(), bytes);
            Query& query = queries_[i] = {bytes, even, odd, 0, 0, 0, 0};
            for (std::size_t g = 0; g < groups; ++g) {
                const std::uint8_t* b = bytes + g * group_bytes;
                even[g] = b[0] | static_cast<std::uint32_t>(b[2]) << 16;
                odd[g] = b[1] | static_cast<std::uint32_t>(b[3]) << 16;
                for (int k = 0; k < group_bytes; ++k) {
                    query.norm += b[k] * b[k];
                    query.sum += b[k];
                }
                if (g + 1 == static_cast<std::size_t>(layout.head_groups())) {
                    query.head_norm = query.norm;
                    query.head_sum = query.sum;
                }
            }
        }
    }

    const Query* data() const { return queries_.data(); }
    std::int32_t size() const { return static_cast<std::int32_t>(queries_.size()); }

private:
    std::vector<std::uint8_t> bytes_;
    std::vector<std::uint32_t> words_;
    std::vector<Query> queries_;
};

bool lives(const Part& part, std::int64_t position) {
    return part.dead == nullptr || !(*part.dead)[position];
}

struct Chunk {
    const Part* part;
    std::int64_t first_block;
    std::int64_t n_blocks;
};

std::vector<Chunk> chunks_of(const Layout& layout, const std::vector<Part>& parts) {
    const std::int64_t most =
        std::max<std::int64_t>(1, chunk_bytes / (layout.head_groups() * line_bytes));
    std::vector<Chunk> chunks;
    for (const Part& part : parts) {
        const std::int64_t blocks = part.segment->n_blocks();
        for (std::int64_t b = 0; b < blocks; b += most) {
            chunks.push_back({&part, b, std::min(most, blocks - b)});
        }
    }
    return chunks;
}

/// One thread's share of a scan.
class Scan {
public:
    Scan(const L2Kernels& kernels, const PackedQueries& queries, std::int32_t max_distance)
        : kernels_(kernels), queries_(queries), max_distance_(max_distance) {}

    void run(const Chunk& chunk) {
        for (std::int32_t q = 0; q < queries_.size(); q += tile_queries) {
            const int tile = std::min(tile_queries, queries_.size() - q);
            // Where most heads come near, judging them first is work for nothing.
            if (judged_ > 1024 && 2 * passed_ > judged_) {
                for (std::int64_t b = chunk.first_block; b < chunk.first_block + chunk.n_blocks; ++b) {
                    for (int t = 0; t < tile; ++t) measure(chunk, b, q + t);
                }
                continue;
            }
            candidates_.resize(chunk.n_blocks * tile_queries);
            const std::int64_t n =
                kernels_.judge(*chunk.part->segment, chunk.first_block, chunk.n_blocks,
                               queries_.data() + q, tile, max_distance_, candidates_.data());
            judged_ += chunk.n_blocks * tile;
            passed_ += n;
            for (std::int64_t i = 0; i < n; ++i) {
                measure(chunk, candidates_[i].block, q + candidates_[i].query);
            }
        }
    }

    std::vector<Hit> hits;

private:
    void measure(const Chunk& chunk, std::int64_t block, std::int32_t query) {
        const Segment& segment = *chunk.part->segment;
        std::int32_t found[block_rows];
        kernels_.distances(segment, block, queries_.data()[query], found);
        const std::int64_t first = block * block_rows;
        const std::int64_t rows = std::min<std::int64_t>(block_rows, segment.size() - first);
        for (std::int64_t k = 0; k < rows; ++k) {
            if (found[k] > max_distance_ || !lives(*chunk.part, first + k)) continue;
            hits.push_back({query, found[k], segment.ids()[first + k]});
        }
    }

    const L2Kernels& kernels_;
    const PackedQueries& queries_;
    std::int32_t max_distance_;
    std::vector<Candidate> candidates_;
    std::int64_t judged_ = 0;
    std::int64_t passed_ = 0;
};

}  // namespace

std::vector<Hit> range_scan(const Layout& layout, const std::vector<Part>& parts,
                            const std::uint8_t* queries, std::int32_t n, std::int32_t max_distance,
                            int threads) {
    const PackedQueries packed(layout, queries, n);
    const std::vector<Chunk> chunks = chunks_of(layout, parts);
    const L2Kernels& kernels = l2_kernels_for(cpu::active());
    std::mutex collecting;
    std::vector<Hit> hits;
    parallel_shards(threads, static_cast<std::int64_t>(chunks.size()),
                    [&](int, std::int64_t first, std::int64_t last) {
                        Scan scan(kernels, packed, max_distance);
                        for (std::int64_t i = first; i < last; ++i) scan.run(chunks[i]);
                        const std::lock_guard lock(collecting);
                        hits.insert(hits.end(), scan.hits.begin(), scan.hits.end());
                    });
    return hits;
}

std::vector<Neighbour> nearest(const Layout& layout, const std::vector<Part>& parts,
                               const std::uint8_t* query, std::int64_t k) {
    const PackedQueries packed(layout, query, 1);
    const L2Kernels& kernels = l2_kernels_for(cpu::active());
    const auto nearer = [](const Neighbour& a, const Neighbour& b) {
        return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
    };
    std::vector<Neighbour> heap;  // the farthest of the best so far on top
    for (const Part& part : parts) {
        const Segment& segment = *part.segment;
        for (std::int64_t b = 0; b < segment.n_blocks(); ++b) {
            std::int32_t found[block_rows];
            kernels.distances(segment, b, packed.data()[0], found);
            const std::int64_t first = b * block_rows;
            const std::int64_t rows = std::min<std::int64_t>(block_rows, segment.size() - first);
            for (std::int64_t r = 0; r < rows; ++r) {
                const Neighbour one{segment.ids()[first + r], found[r]};
                const bool full = static_cast<std::int64_t>(heap.size()) >= k;
                if ((full && !nearer(one, heap.front())) || !lives(part, first + r)) continue;
                if (full) {
                    std::pop_heap(heap.begin(), heap.end(), nearer);
                    heap.pop_back();
                }
                heap.push_back(one);
                std::push_heap(heap.begin(), heap.end(), nearer);
            }
        }
    }
    std::sort_heap(heap.begin(), heap.end(), nearer);
    return heap;
}

}  // namespace hashmatch::vector
