// The tables of multi-index hashing over one segment.
//
// The bits of a hash, in Layout::spread's order, are cut into chunks. For each chunk there is a table:
// the hashes' positions by the chunk's first key_bits, in CSR form. Above the position an entry carries
// the bits that follow the key: the rest of the chunk (own bits) and the beginning of the next chunk
// (next bits), so that a bucket is narrowed down without a look at any hash.
//
// With radii t_c such that sum (t_c + 1) = r + 1, a hash within r of a query has a chunk c whose
// distance d_c is at most t_c (the general pigeonhole principle), and one among them with d_c + d_next
// at most t_c + t_next + 1: x_c = d_c - t_c - 1 sums to at most -1 around the ring, so some start has
// negative sums however far one goes (the cycle lemma). Distances on a part of the bits only make the
// test weaker. A radius of -1 leaves a chunk out. Source: Norouzi, Punjani, Fleet, "Fast exact search in
// Hamming space with multi-index hashing", 2014; Qin et al., "GPH", 2018 (radii by query); Qin, Xiao,
// "Pigeonring", 2018 (the ring).
#pragma once

#include <array>
#include <cstdint>

#include "hashmatch/hamming.hpp"

namespace hashmatch::hamming {

constexpr int max_chunks = 32;
constexpr int max_key_bits = 26;
/// Hashes in one segment: leaves 5 bits of an entry beside the position.
constexpr std::int64_t max_segment = std::int64_t{1} << 27;

/// Radius of each chunk; -1 leaves it out.
using Radii = std::array<std::int8_t, max_chunks>;

/// Where a chunk's bits stand in a spread hash.
struct ChunkBits {
    std::int16_t start = 0;       ///< of key and own bits
    std::int8_t own = 0;          ///< own bits
    std::int8_t next = 0;         ///< next bits
    std::int16_t next_start = 0;  ///< of the next bits

    bool operator==(const ChunkBits&) const = default;
};

struct TableShape {
    int bits = 0;           ///< of a hash
    int chunks = 0;         ///< 0: no tables
    int key_bits = 0;       ///< first bits of a chunk, which choose its bucket
    int position_bits = 0;  ///< low bits of an entry
    std::array<ChunkBits, max_chunks> chunk{};

    std::int64_t buckets() const { return std::int64_t{1} << key_bits; }
    std::int64_t directory_size() const { return chunks * (buckets() + 1); }
    std::uint32_t position_mask() const { return (std::uint32_t{1} << position_bits) - 1; }
    int next(int c) const { return c + 1 == chunks ? 0 : c + 1; }

    /// Key (low bits), own and next bits of chunk c of a spread hash.
    std::uint32_t value(const std::uint64_t* spread, int c) const {
        const ChunkBits& at = chunk[c];
        const int first = key_bits + at.own;
        return static_cast<std::uint32_t>(read(spread, at.start, first) |
                                          read(spread, at.next_start, at.next) << first);
    }
    std::uint32_t key(std::uint32_t value) const { return value & ((std::uint32_t{1} << key_bits) - 1); }
    /// The value's other bits where an entry has them.
    std::uint32_t extra(std::uint32_t value) const { return (value >> key_bits) << position_bits; }
    /// The bits of an entry that are own bits of chunk c.
    std::uint32_t own_mask(int c) const {
        return ((std::uint32_t{1} << chunk[c].own) - 1) << position_bits;
    }

    /// Whether a pair that differs in `difference` (spread) is met in chunk c.
    bool meets(const std::uint64_t* difference, int c, const Radii& radii) const;

    bool operator==(const TableShape&) const = default;

private:
    // `count` bits from `start` on, at most 32.
    static std::uint64_t read(const std::uint64_t* spread, int start, int count) {
        if (count == 0) return 0;
        const int shift = start % 64;
        std::uint64_t bits = spread[start / 64] >> shift;
        if (shift + count > 64) bits |= spread[start / 64 + 1] << (64 - shift);
        return bits & ((std::uint64_t{1} << count) - 1);
    }
};

struct Tables {
    TableShape shape;
    Run<std::uint32_t> directory;  ///< chunk by chunk, buckets() + 1 starts into the chunk's entries
    Run<std::uint32_t> entries;    ///< chunk by chunk, size of the segment each; ascending in a bucket

    bool empty() const { return shape.chunks == 0; }
    std::int64_t bytes() const { return directory.bytes() + entries.bytes(); }
    const std::uint32_t* directory_of(int c) const {
        return directory.data() + c * (shape.buckets() + 1);
    }
    const std::uint32_t* entries_of(int c, std::int64_t size) const { return entries.data() + c * size; }
};

/// The shape of `chunks` chunks and `key_bits` over hashes of `bits` bits, or one without chunks where
/// there is none: too short chunks, more hashes than an entry can name, or more buckets than hashes.
TableShape table_shape(int bits, std::int64_t size, int chunks, int key_bits);

/// The shape with the least expected work for uniform hashes at bits * 31 / 256, within 69 bytes a hash
/// for 256 bits and in proportion for other lengths; without chunks where a scan is as good.
TableShape best_shape(int bits, std::int64_t size);

/// Fills the tables in one pass a chunk. Deterministic.
Tables build_tables(const Layout& layout, const Planes& planes, const TableShape& shape);

/// Whether the tables can be followed without leaving memory and are what build_tables makes in form:
/// directories ascending from 0 to size, positions within it. Says nothing of the hashes.
bool sound(const Tables& tables, std::int64_t size);

}  // namespace hashmatch::hamming
