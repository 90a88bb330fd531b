// How packed binary hashes lie in memory, and the scan over all of them.
//
// Hashes live in blocks of 8, words as structure of arrays: word w of the 8 hashes of a block stands
// together (64 bytes), so that one 512-bit load takes one word of eight hashes. Unused places of the
// last block are never reported.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hashmatch/memory.hpp"

namespace hashmatch::hamming {

constexpr std::int64_t block_hashes = 8;

/// Longest hash: distances are uint16.
constexpr int max_bits = 65528;

/// Sizes of a hash, and the order of its bits in memory.
///
/// 256-bit hashes are taken apart by PDQ's rows (16 rows of 16 bits, row 0 in the last two bytes): word
/// 0 holds the 64 bits of low vertical and horizontal frequency (row < 8, column < 8), which are the
/// stable ones, words 1 to 3 the rest. It is a permutation of bytes and harmless to other hashes. All
/// other lengths keep their order.
class Layout {
public:
    /// Throws std::invalid_argument unless bits is a multiple of 8 from 8 to max_bits.
    explicit Layout(int bits);

    int bits() const { return 8 * bytes_; }
    int bytes() const { return bytes_; }
    int words() const { return words_; }

    /// uint64 that n hashes take in blocks.
    std::int64_t block_words(std::int64_t n) const {
        return (n + block_hashes - 1) / block_hashes * block_hashes * words_;
    }

    /// Place of word 0 of the hash at `position`; word w is w * block_hashes further.
    std::int64_t place(std::int64_t position) const {
        return position / block_hashes * block_hashes * words_ + position % block_hashes;
    }

    /// A hash's bytes as words() words, zero-padded.
    void pack(const std::uint8_t* hash, std::uint64_t* words) const;

    /// The hash's bytes again.
    void unpack(const std::uint64_t* words, std::uint8_t* hash) const;

    /// The order in which chunks are cut, linear over XOR. For 256 bits each word's 8x8 coefficients are
    /// taken by their diagonals: byte 2 c of the first half is diagonal c of word 0 (bit t is bit
    /// (c + t) % 8 of byte t), byte 2 c + 1 that of word 1; the second half words 2 and 3. So a chunk
    /// mixes all frequencies of half the rows; neighbouring coefficients are correlated. Other lengths:
    /// unchanged.
    void spread(const std::uint64_t* words, std::uint64_t* out) const;

private:
    int bytes_;
    int words_;
};

/// Hashes in blocks.
struct Planes {
    const std::uint64_t* blocks;
    std::int64_t size;
    int words;

    std::int64_t n_blocks() const { return (size + block_hashes - 1) / block_hashes; }
};

struct Hit {
    std::int32_t query;
    std::int32_t distance;
    std::int64_t position;
};

/// What a scan is asked for.
struct Radius {
    int max_distance;        ///< inclusive; may exceed the number of bits
    bool prefilter;          ///< whether the next limit holds
    int prefilter_distance;  ///< inclusive, on word 0 alone: what is beyond is lost
};

/// Every position in [first, last) within the radius of each query, in no stated order; first is a
/// multiple of 8. queries: n_queries * words packed words.
void range_scan(const Planes& planes, std::int64_t first, std::int64_t last,
                const std::uint64_t* queries, std::int64_t n_queries, const Radius& radius,
                std::vector<Hit>& hits);

/// Distances of one packed query to positions [first, first + n); first is a multiple of 8; `out` has
/// room for n rounded up to 8.
void distances(const Planes& planes, std::int64_t first, std::int64_t n, const std::uint64_t* query,
               std::uint16_t* out);

}  // namespace hashmatch::hamming
