// The obvious loops; the specification that every other ISA equals.
#include <bit>

#include "hamming/scan_kernels.hpp"

namespace hashmatch::hamming {
namespace {

int distance(const std::uint64_t* block, int k, int words, const std::uint64_t* query) {
    int sum = 0;
    for (int w = 0; w < words; ++w) sum += std::popcount(block[w * block_hashes + k] ^ query[w]);
    return sum;
}

std::int64_t scan(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                  const std::uint64_t* queries, int n_queries, int max_distance, bool,
                  std::int64_t first_position, std::int32_t first_query, Hit* out) {
    std::int64_t n = 0;
    for (std::int64_t b = 0; b < n_blocks; ++b) {
        const std::uint64_t* block = blocks + b * block_hashes * words;
        for (int q = 0; q < n_queries; ++q) {
            for (int k = 0; k < block_hashes; ++k) {
                const int bits = distance(block, k, words, queries + q * words);
                if (bits <= max_distance) {
                    out[n++] = {first_query + q, bits, first_position + b * block_hashes + k};
                }
            }
        }
    }
    return n;
}

std::int64_t prefiltered(const std::uint64_t* blocks, std::int64_t n_blocks, int words,
                         const std::uint64_t* queries, int n_queries, int max_distance,
                         int prefilter_distance, std::int64_t first_position, std::int32_t first_query,
                         Hit* out) {
    std::int64_t n = 0;
    for (std::int64_t b = 0; b < n_blocks; ++b) {
        const std::uint64_t* block = blocks + b * block_hashes * words;
        for (int q = 0; q < n_queries; ++q) {
            const std::uint64_t* query = queries + q * words;
            for (int k = 0; k < block_hashes; ++k) {
                if (distance(block, k, 1, query) > prefilter_distance) continue;
                const int bits = distance(block, k, words, query);
                if (bits <= max_distance) {
                    out[n++] = {first_query + q, bits, first_position + b * block_hashes + k};
                }
            }
        }
    }
    return n;
}

void distances(const std::uint64_t* blocks, std::int64_t n_blocks, int words, const std::uint64_t* query,
               std::uint16_t* out) {
    for (std::int64_t b = 0; b < n_blocks; ++b) {
        for (int k = 0; k < block_hashes; ++k) {
            *out++ =
                static_cast<std::uint16_t>(distance(blocks + b * block_hashes * words, k, words, query));
        }
    }
}

}  // namespace

const ScanKernels scan_serial{scan, prefiltered, distances};

}  // namespace hashmatch::hamming
