// Exact Hamming search over packed binary hashes by scanning all of them.
//
// Hashes live in blocks of 8, words as structure of arrays: word w of the 8 hashes of a block stands
// together (64 bytes), so that one 512-bit load takes one word of eight hashes. Unused places of the
// last block are never reported.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace hashmatch::hamming {

constexpr std::int64_t block_hashes = 8;

/// Allocates on cache lines, so that a block's word is one aligned load.
template <typename T>
struct LineAllocator {
    using value_type = T;
    LineAllocator() = default;
    template <typename U>
    LineAllocator(const LineAllocator<U>&) {}
    T* allocate(std::size_t n) {
        return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t{64}));
    }
    void deallocate(T* p, std::size_t) { ::operator delete(p, std::align_val_t{64}); }
    template <typename U>
    bool operator==(const LineAllocator<U>&) const {
        return true;
    }
};

/// Longest hash: distances are uint16.
constexpr int max_bits = 65528;

/// A growing base of hashes, addressed by position 0..size-1.
class Base {
public:
    /// Throws std::invalid_argument unless bits is a multiple of 8 from 8 to max_bits.
    explicit Base(int bits);

    int bits() const { return 8 * bytes_; }
    int bytes() const { return bytes_; }
    int words() const { return words_; }
    std::int64_t size() const { return size_; }
    std::int64_t n_blocks() const { return (size_ + block_hashes - 1) / block_hashes; }
    const std::uint64_t* blocks() const { return blocks_.data(); }
    std::int64_t memory_bytes() const {
        return static_cast<std::int64_t>(blocks_.capacity() * sizeof(std::uint64_t));
    }

    /// Appends n hashes of bytes() bytes each.
    void append(const std::uint8_t* hashes, std::int64_t n);

    /// Copies the hash at position `from` over position `to`.
    void move(std::int64_t from, std::int64_t to);

    /// Forgets all positions from `size` on.
    void truncate(std::int64_t size);

    /// A hash's bytes as words() words, zero-padded.
    void pack(const std::uint8_t* hash, std::uint64_t* words) const;

private:
    std::uint64_t& word(std::int64_t position, int w);

    int bytes_;
    int words_;
    std::int64_t size_ = 0;
    std::vector<std::uint64_t, LineAllocator<std::uint64_t>> blocks_;
};

struct Hit {
    std::int32_t query;
    std::int32_t distance;
    std::int64_t position;
};

/// Every position within max_distance of each query, in no stated order. max_distance may exceed the
/// number of bits. queries: n_queries * words() packed words.
std::vector<Hit> range_scan(const Base& base, const std::uint64_t* queries, std::int64_t n_queries,
                            int max_distance);

/// Distances of one packed query to every position; `out` has room for n_blocks() * 8.
void distances(const Base& base, const std::uint64_t* query, std::uint16_t* out);

}  // namespace hashmatch::hamming
