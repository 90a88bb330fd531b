#include "hashmatch/hamming_index.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>

namespace hashmatch::hamming {
namespace {

constexpr std::int64_t largest_id = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t merged_at_once = 4;

[[noreturn]] void refuse(std::int64_t id, const char* why) {
    throw std::invalid_argument("ids: id " + std::to_string(id) + why);
}

using Ids = std::span<const std::int64_t>;

// The ids in order: themselves where they are, else a copy in `room`.
Ids sorted_without_twins(const std::int64_t* ids, std::int64_t n, std::vector<std::int64_t>& room) {
    Ids sorted(ids, static_cast<std::size_t>(n));
    if (!std::is_sorted(sorted.begin(), sorted.end())) {
        room.assign(ids, ids + n);
        std::sort(room.begin(), room.end());
        sorted = room;
    }
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) refuse(*twice, " stands twice");
    return sorted;
}

// Calls f(id, position) for every id that the segment has, removed or not. Both are ascending: each
// search goes on where the last one ended.
template <typename F>
void for_common(Ids ids, const Segment& segment, const F& f) {
    const std::int64_t* at = segment.ids.begin();
    const std::int64_t* const end = segment.ids.end();
    for (auto id = std::lower_bound(ids.begin(), ids.end(), at == end ? 0 : *at);
         id != ids.end() && at != end; ++id) {
        std::int64_t step = 1;
        while (step < end - at && at[step] < *id) step *= 2;
        at = std::lower_bound(at, std::min(at + step + 1, end), *id);
        if (at != end && *at == *id) f(*id, at - segment.ids.begin());
    }
}

// Size class: 0 up to 255 hashes, then one more for each factor of 4.
int size_class(std::int64_t size) {
    int result = 0;
    for (std::int64_t bound = 256; bound <= size; bound *= 4) ++result;
    return result;
}

}  // namespace

Index::Index(int bits, bool with_tables)
    : layout_(bits),
      with_tables_(with_tables),
      snapshot_(std::make_shared<Snapshot>(Snapshot{layout_, {}})) {}

std::shared_ptr<const Snapshot> Index::snapshot() const {
    const std::lock_guard lock(publishing_);
    return snapshot_;
}

void Index::publish(std::vector<Part> parts, std::int64_t next_id) {
    std::shared_ptr<const Snapshot> next =
        std::make_shared<Snapshot>(Snapshot{layout_, std::move(parts)});
    const std::lock_guard lock(publishing_);
    snapshot_.swap(next);
    next_id_ = next_id;
}

void Index::append(const std::uint8_t* hashes, const std::int64_t* ids, std::int64_t n) {
    std::vector<std::int64_t> room;
    const Ids sorted = sorted_without_twins(ids, n, room);
    std::vector<Part> parts = snapshot_->parts;
    for (const Part& part : parts) {
        for_common(sorted, *part.segment, [&](std::int64_t id, std::int64_t position) {
            if (!part.is_removed(position)) refuse(id, " is already in the index");
        });
    }
    for (std::int64_t first = 0; first < n; first += max_segment) {
        const std::int64_t count = std::min(max_segment, n - first);
        parts.push_back(
            {make_segment(layout_, hashes + first * layout_.bytes(), ids + first, count, with_tables_),
             nullptr});
    }
    // Merge the last ones while four are of the last one's class or smaller.
    for (bool again = true; again && !parts.empty();) {
        const int last = size_class(parts.back().live());
        std::size_t from = parts.size();
        std::int64_t total = 0;
        while (from > 0 && size_class(parts[from - 1].live()) <= last) {
            total += parts[--from].live();
        }
        again = parts.size() - from >= merged_at_once && total <= max_segment;
        if (!again) break;
        const std::vector<Part> together(parts.begin() + static_cast<std::ptrdiff_t>(from), parts.end());
        parts.resize(from);
        parts.push_back({merged(layout_, together, with_tables_), nullptr});
    }
    std::int64_t next_id = next_id_;
    if (n > 0) {
        next_id = std::max(next_id, sorted.back() == largest_id ? largest_id : sorted.back() + 1);
    }
    publish(std::move(parts), next_id);
}

void Index::add(const std::uint8_t* hashes, const std::int64_t* ids, std::int64_t n) {
    const std::lock_guard lock(writing_);
    append(hashes, ids, n);
}

std::int64_t Index::add(const std::uint8_t* hashes, std::int64_t n) {
    const std::lock_guard lock(writing_);
    const std::int64_t first = next_id_;
    if (n > largest_id - first) {
        throw std::invalid_argument("ids: no id is left above the largest one; pass ids");
    }
    std::vector<std::int64_t> ids(n);
    std::iota(ids.begin(), ids.end(), first);
    append(hashes, ids.data(), n);
    return first;
}

void Index::remove(const std::int64_t* ids, std::int64_t n) {
    const std::lock_guard lock(writing_);
    std::vector<std::int64_t> room;
    const Ids sorted = sorted_without_twins(ids, n, room);
    std::vector<bool> found(sorted.size(), false);
    std::vector<Part> parts;
    for (const Part& part : snapshot_->parts) {
        std::shared_ptr<Tombstones> removed;
        for_common(sorted, *part.segment, [&](std::int64_t id, std::int64_t position) {
            if (part.is_removed(position)) return;
            if (!removed) {
                removed = part.removed ? std::make_shared<Tombstones>(*part.removed)
                                       : std::make_shared<Tombstones>(part.segment->size());
            }
            removed->set(position);
            found[std::lower_bound(sorted.begin(), sorted.end(), id) - sorted.begin()] = true;
        });
        Part kept{part.segment, removed ? removed : part.removed};
        if (kept.live() > 0) parts.push_back(std::move(kept));
    }
    const auto missing = std::find(found.begin(), found.end(), false);
    if (missing != found.end()) refuse(sorted[missing - found.begin()], " is not in the index");
    if (n > 0) publish(std::move(parts), next_id_);
}

void Index::compact() {
    const std::lock_guard lock(writing_);
    const std::vector<Part>& parts = snapshot_->parts;
    const bool clean = parts.size() == 1 && !parts.front().removed;
    if (parts.empty() || clean) return;
    // Groups that fit one segment, in order.
    std::vector<Part> result;
    for (std::size_t from = 0; from < parts.size();) {
        std::int64_t total = 0;
        std::size_t to = from;
        while (to < parts.size() && (to == from || total + parts[to].live() <= max_segment)) {
            total += parts[to++].live();
        }
        const std::vector<Part> group(parts.begin() + static_cast<std::ptrdiff_t>(from),
                                      parts.begin() + static_cast<std::ptrdiff_t>(to));
        result.push_back({merged(layout_, group, with_tables_), nullptr});
        from = to;
    }
    publish(std::move(result), next_id_);
}

void Index::replace(std::vector<Part> parts, std::int64_t next_id) {
    const std::lock_guard lock(writing_);
    for (const Part& part : parts) {
        if (part.segment->layout.bits() != layout_.bits()) {
            throw std::invalid_argument("segments: expected hashes of " +
                                        std::to_string(layout_.bits()) + " bits, got " +
                                        std::to_string(part.segment->layout.bits()));
        }
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Run<std::int64_t>& ids = parts[i].segment->ids;
        for (std::size_t j = i + 1; j < parts.size(); ++j) {
            const Segment& other = *parts[j].segment;
            if (ids.size() == 0 || other.size() == 0 || ids[ids.size() - 1] < other.ids[0] ||
                other.ids[other.size() - 1] < ids[0]) {
                continue;
            }
            for (std::int64_t p = 0; p < ids.size(); ++p) {
                const std::int64_t q = other.find(ids[p]);
                if (q != other.size() && !parts[i].is_removed(p) && !parts[j].is_removed(q)) {
                    refuse(ids[p], " stands in two segments");
                }
            }
        }
    }
    publish(std::move(parts), next_id);
}

std::int64_t Index::next_id() const {
    const std::lock_guard lock(publishing_);
    return next_id_;
}

}  // namespace hashmatch::hamming
