// Vectors of unsigned bytes, compared by squared Euclidean distance: how they lie in memory, and the
// scan.
//
// Rows are cut into groups of four bytes. A line of 64 bytes holds one group of 16 rows (a block), so
// that one load takes four dimensions of 16 rows and distances come out side by side. The groups are
// visited in an order that strides over the vector; the first third of them, the head, lies in a plane
// of its own. A distance over a part of the dimensions never exceeds the whole one, so a block whose 16
// partial distances all exceed the radius is done, and its tail is never read.
#pragma once

#include <cstdint>
#include <vector>

#include "hashmatch/memory.hpp"

namespace hashmatch::vector {

constexpr int block_rows = 16;
constexpr int group_bytes = 4;
constexpr int line_bytes = block_rows * group_bytes;

/// Longest vector: 255 * 255 * 4096 and twice that stay below 2^31.
constexpr int max_dims = 4096;

/// Where the dimensions of a vector of some length stand.
class Layout {
public:
    /// Throws std::invalid_argument unless 1 <= dims <= max_dims.
    explicit Layout(int dims);

    int dims() const { return dims_; }
    int groups() const { return static_cast<int>(order_.size()); }
    int head_groups() const { return (groups() + 2) / 3; }
    int tail_groups() const { return groups() - head_groups(); }
    std::int32_t largest_distance() const { return 255 * 255 * dims_; }

    /// Bytes of `rows` rows in a plane of `groups` groups, the last block filled up.
    static std::int64_t plane_bytes(std::int64_t rows, int groups) {
        return (rows + block_rows - 1) / block_rows * groups * line_bytes;
    }

    /// A row's groups in stored order, zero-padded to groups() * 4 bytes.
    void pack(const std::uint8_t* row, std::uint8_t* packed) const;
    void unpack(const std::uint8_t* packed, std::uint8_t* row) const;

private:
    int dims_;
    std::vector<int> order_;  // stored place -> group
};

/// An immutable set of rows under ascending ids.
class Segment {
public:
    /// Owned; the planes are empty until filled by put() at each position, then finish().
    Segment(const Layout& layout, std::int64_t size);

    /// Over memory that lives longer than this, planes as an owned one has them. Throws
    /// std::invalid_argument unless the ids ascend.
    Segment(const Layout& layout, std::int64_t size, const std::int64_t* ids, const std::uint8_t* head,
            const std::uint8_t* tail);

    Segment(const Segment&) = delete;
    Segment& operator=(const Segment&) = delete;

    void put(std::int64_t position, std::int64_t id, const std::uint8_t* packed);
    void finish();

    std::int64_t size() const { return size_; }
    std::int64_t n_blocks() const { return (size_ + block_rows - 1) / block_rows; }
    const std::int64_t* ids() const { return ids_; }
    const std::uint8_t* head() const { return head_; }
    const std::uint8_t* tail() const { return tail_; }
    int head_groups() const { return head_groups_; }
    int tail_groups() const { return tail_groups_; }

    /// Sums of squares of each row, over its head and over all of it; padded to whole blocks.
    const std::int32_t* head_norms() const { return head_norms_at_; }
    const std::int32_t* norms() const { return norms_at_; }

    /// The row at a position, packed.
    void get(std::int64_t position, std::uint8_t* packed) const;

    /// Where an id stands; -1 if it does not.
    std::int64_t find(std::int64_t id) const;

    /// Bytes allocated by this segment; mapped planes are not among them.
    std::int64_t memory_bytes() const;

private:
    void count_norms();

    int head_groups_;
    int tail_groups_;
    std::int64_t size_;
    Buffer<std::int64_t> own_ids_;  // of size 0 if they are somebody else's
    Buffer<std::uint8_t> own_head_;
    Buffer<std::uint8_t> own_tail_;
    Buffer<std::int32_t> head_norms_;
    Buffer<std::int32_t> norms_;
    const std::int64_t* ids_;
    const std::uint8_t* head_;
    const std::uint8_t* tail_;
    const std::int32_t* head_norms_at_;
    const std::int32_t* norms_at_;
};

/// A segment and which of its rows have been removed (null: none).
struct Part {
    const Segment* segment;
    const std::vector<bool>* dead;
};

struct Hit {
    std::int32_t query;
    std::int32_t distance;
    std::int64_t id;
};

/// Every living row within max_distance of each query (n * dims bytes), in no stated order; the same set
/// on every ISA and for every number of threads.
std::vector<Hit> range_scan(const Layout& layout, const std::vector<Part>& parts,
                            const std::uint8_t* queries, std::int32_t n, std::int32_t max_distance,
                            int threads);

struct Neighbour {
    std::int64_t id;
    std::int32_t distance;
};

/// The k nearest living rows of one query, sorted by (distance, id).
std::vector<Neighbour> nearest(const Layout& layout, const std::vector<Part>& parts,
                               const std::uint8_t* query, std::int64_t k);

}  // namespace hashmatch::vector
