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

void range_scan(const Planes& planes, std::int64_t first, std::int64_t last,
                const std::uint64_t* queries, std::int64_t n_queries, const Radius& radius,
                std::vector<Hit>& hits) {
    if (n_queries == 0 || first >= last) return;
    const ScanKernels& kernels = scan_kernels_for(cpu::active());
    const int words = planes.words;
    const std::int64_t block_words = block_hashes * words;
    // A prefiltered scan reads one line of each block; lines so far apart share few sets of a cache, so
    // the chunk is twice as long and no longer.
    const std::int64_t block_bytes = block_words * 8 / (radius.prefilter ? 2 : 1);
    const std::int64_t chunk = std::max<std::int64_t>(1, chunk_bytes / block_bytes);
    const std::int64_t most = radius.prefilter ? prefilter_tile : tile_queries;
    const std::int64_t end_block = (last + block_hashes - 1) / block_hashes;
    const int limit = std::min(radius.max_distance, 64 * words);
    const std::int64_t room = std::min(chunk, end_block - first / block_hashes) * block_hashes *
                              std::min<std::int64_t>(n_queries, most);
    // Read from memory, whole blocks stream three times as fast as halves of blocks: the first tile of
    // queries to meet a chunk reads all of it, the others find it in L2.
    const bool near = words == 4 && limit <= prefix_radius;
    const bool cached = planes.size * words * 8 <= cached_bytes;
    const auto found = std::make_unique_for_overwrite<Hit[]>(static_cast<std::size_t>(room));
    for (std::int64_t b = first / block_hashes; b < end_block; b += chunk) {
        const std::int64_t n_blocks = std::min(chunk, end_block - b);
        const std::uint64_t* blocks = planes.blocks + b * block_words;
        for (std::int64_t q = 0; q < n_queries; q += most) {
            const int in_tile = static_cast<int>(std::min<std::int64_t>(most, n_queries - q));
            const std::uint64_t* tile = queries + q * words;
            const auto query = static_cast<std::int32_t>(q);
            const std::int64_t n =
                radius.prefilter
                    ? kernels.prefiltered(blocks, n_blocks, words, tile, in_tile, limit,
                                          radius.prefilter_distance, b * block_hashes, query,
                                          found.get())
                    : kernels.scan(blocks, n_blocks, words, tile, in_tile, limit,
                                   near && (cached || q > 0), b * block_hashes, query, found.get());
            std::copy_if(found.get(), found.get() + n, std::back_inserter(hits),
                         [last](const Hit& hit) { return hit.position < last; });
        }
    }
}

void distances(const Planes& planes, std::int64_t first, std::int64_t n, const std::uint64_t* query,
               std::uint16_t* out) {
    const std::uint64_t* blocks = planes.blocks + first * planes.words;
    const std::int64_t n_blocks = (n + block_hashes - 1) / block_hashes;
    scan_kernels_for(cpu::active()).distances(blocks, n_blocks, planes.words, query, out);
}

}  // namespace hashmatch::hamming
