// Chooses the kernel, cuts the base into chunks that stay in L2 and the queries into tiles.
#include <algorithm>
#include <iterator>
#include <memory>

#include "hamming/scan_kernels.hpp"
#include "hashmatch/hamming.hpp"

namespace hashmatch::hamming {
namespace {

constexpr std::int64_t chunk_bytes = 256 * 1024;  // every tile of queries meets the chunk in L2

}  // namespace

std::vector<Hit> range_scan(const Base& base, const std::uint64_t* queries, std::int64_t n_queries,
                            int max_distance) {
    const ScanKernels& kernels = scan_kernels_for(cpu::active());
    const std::int64_t block_words = block_hashes * base.words();
    const std::int64_t chunk = std::max<std::int64_t>(1, chunk_bytes / (block_words * 8));
    const int radius = std::min(max_distance, base.bits());
    std::vector<Hit> hits;
    const std::int64_t tile = std::min<std::int64_t>(n_queries, tile_queries);
    const std::int64_t room = std::min(chunk, base.n_blocks()) * block_hashes * tile;
    const auto found = std::make_unique_for_overwrite<Hit[]>(static_cast<std::size_t>(room));
    for (std::int64_t b = 0; b < base.n_blocks(); b += chunk) {
        const std::int64_t n_blocks = std::min(chunk, base.n_blocks() - b);
        for (std::int64_t q = 0; q < n_queries; q += tile_queries) {
            const int in_tile = static_cast<int>(std::min<std::int64_t>(tile_queries, n_queries - q));
            const std::int64_t n = kernels.scan(
                base.blocks() + b * block_words, n_blocks, base.words(), queries + q * base.words(),
                in_tile, radius, b * block_hashes, static_cast<std::int32_t>(q), found.get());
            std::copy_if(found.get(), found.get() + n, std::back_inserter(hits),
                         [&](const Hit& hit) { return hit.position < base.size(); });
        }
    }
    return hits;
}

void distances(const Base& base, const std::uint64_t* query, std::uint16_t* out) {
    scan_kernels_for(cpu::active()).distances(base.blocks(), base.n_blocks(), base.words(), query, out);
}

}  // namespace hashmatch::hamming
