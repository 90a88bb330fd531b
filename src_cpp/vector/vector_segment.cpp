#include <algorithm>
#include <cstring>
#include <numeric>
#include <stdexcept>
#include <string>

#include "hashmatch/vector.hpp"

namespace hashmatch::vector {
namespace {

// Groups in steps of about the golden section of their number: any first part of them is spread evenly
// over the vector. Neighbouring cells of a picture are alike; distant ones say more about a difference.
std::vector<int> spread_order(int groups) {
    int step = static_cast<int>(0.618 * groups) + 1;
    while (std::gcd(step, groups) != 1) ++step;
    std::vector<int> order(groups);
    for (int k = 0; k < groups; ++k) {
        order[k] = static_cast<int>(static_cast<std::int64_t>(k) * step % groups);
    }
    return order;
}

std::int32_t squares(const std::uint8_t* lines, int groups, int k) {
    std::int32_t sum = 0;
    for (int g = 0; g < groups; ++g) {
        const std::uint8_t* group = lines + g * line_bytes + k * group_bytes;
        for (int i = 0; i < group_bytes; ++i) sum += group[i] * group[i];
    }
    return sum;
}

}  // namespace

Layout::Layout(int dims) : dims_(dims) {
    if (dims < 1 || dims > max_dims) {
        throw std::invalid_argument("dims: expected 1 to " + std::to_string(max_dims) + ", got " +
                                    std::to_string(dims));
    }
    order_ = spread_order((dims + group_bytes - 1) / group_bytes);
}

void Layout::pack(const std::uint8_t* row, std::uint8_t* packed) const {
    for (const int group : order_) {
        const int first = group * group_bytes;
        const int there = std::min(group_bytes, dims_ - first);
        std::memset(packed, 0, group_bytes);
        std::memcpy(packed, row + first, there);
        packed += group_bytes;
    }
}

void Layout::unpack(const std::uint8_t* packed, std::uint8_t* row) const {
    for (const int group : order_) {
        const int first = group * group_bytes;
        std::memcpy(row + first, packed, std::min(group_bytes, dims_ - first));
        packed += group_bytes;
    }
}

Segment::Segment(const Layout& layout, std::int64_t size)
    : head_groups_(layout.head_groups()),
      tail_groups_(layout.tail_groups()),
      size_(size),
      own_ids_(size),
      own_head_(Layout::plane_bytes(size, head_groups_)),
      own_tail_(Layout::plane_bytes(size, tail_groups_)),
      head_norms_(n_blocks() * block_rows),
      norms_(n_blocks() * block_rows),
      ids_(own_ids_.data()),
      head_(own_head_.data()),
      tail_(own_tail_.data()),
      head_norms_at_(head_norms_.data()),
      norms_at_(norms_.data()) {
    // The unused rows of the last block are read like all others.
    std::memset(own_head_.data(), 0, own_head_.size());
    std::memset(own_tail_.data(), 0, own_tail_.size());
}

Segment::Segment(const Layout& layout, std::int64_t size, const std::int64_t* ids,
                 const std::uint8_t* head, const std::uint8_t* tail)
    : head_groups_(layout.head_groups()),
      tail_groups_(layout.tail_groups()),
      size_(size),
      own_ids_(0),
      own_head_(0),
      own_tail_(0),
      head_norms_(n_blocks() * block_rows),
      norms_(n_blocks() * block_rows),
      ids_(ids),
      head_(head),
      tail_(tail),
      head_norms_at_(head_norms_.data()),
      norms_at_(norms_.data()) {
    for (std::int64_t i = 1; i < size; ++i) {
        if (ids[i] <= ids[i - 1]) {
            throw std::invalid_argument("ids: expected ascending ids, got " + std::to_string(ids[i]) +
                                        " after " + std::to_string(ids[i - 1]));
        }
    }
    count_norms();
}

void Segment::put(std::int64_t position, std::int64_t id, const std::uint8_t* packed) {
    own_ids_[position] = id;
    const std::int64_t block = position / block_rows;
    const std::int64_t place = position % block_rows * group_bytes;
    std::uint8_t* head = own_head_.data() + block * head_groups_ * line_bytes + place;
    for (int g = 0; g < head_groups_; ++g) {
        std::memcpy(head + g * line_bytes, packed + g * group_bytes, group_bytes);
    }
    packed += head_groups_ * group_bytes;
    std::uint8_t* tail = own_tail_.data() + block * tail_groups_ * line_bytes + place;
    for (int g = 0; g < tail_groups_; ++g) {
        std::memcpy(tail + g * line_bytes, packed + g * group_bytes, group_bytes);
    }
}

void Segment::finish() {
    count_norms();
}

void Segment::count_norms() {
    for (std::int64_t row = 0; row < n_blocks() * block_rows; ++row) {
        const std::int64_t block = row / block_rows;
        const int k = static_cast<int>(row % block_rows);
        head_norms_[row] = squares(head_ + block * head_groups_ * line_bytes, head_groups_, k);
        norms_[row] =
            head_norms_[row] + squares(tail_ + block * tail_groups_ * line_bytes, tail_groups_, k);
    }
}

void Segment::get(std::int64_t position, std::uint8_t* packed) const {
    const std::int64_t block = position / block_rows;
    const std::int64_t place = position % block_rows * group_bytes;
    const std::uint8_t* head = head_ + block * head_groups_ * line_bytes + place;
    for (int g = 0; g < head_groups_; ++g) {
        std::memcpy(packed + g * group_bytes, head + g * line_bytes, group_bytes);
    }
    packed += head_groups_ * group_bytes;
    const std::uint8_t* tail = tail_ + block * tail_groups_ * line_bytes + place;
    for (int g = 0; g < tail_groups_; ++g) {
        std::memcpy(packed + g * group_bytes, tail + g * line_bytes, group_bytes);
    }
}

std::int64_t Segment::find(std::int64_t id) const {
    const std::int64_t* end = ids_ + size_;
    const std::int64_t* at = std::lower_bound(ids_, end, id);
    return at != end && *at == id ? at - ids_ : -1;
}

std::int64_t Segment::memory_bytes() const {
    constexpr std::int64_t id_bytes = sizeof(std::int64_t);
    constexpr std::int64_t norm_bytes = sizeof(std::int32_t);
    return own_ids_.size() * id_bytes + own_head_.size() + own_tail_.size() +
           (head_norms_.size() + norms_.size()) * norm_bytes;
}

}  // namespace hashmatch::vector
