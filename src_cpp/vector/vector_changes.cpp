// The writers: each builds the next snapshot beside the current one and swaps it in at the end, so that
// any exception leaves everything as it was.
#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>

#include "hashmatch/vector_index.hpp"

namespace hashmatch::vector {
namespace {

constexpr std::int64_t largest_id = std::numeric_limits<std::int64_t>::max();

std::string quoted(std::int64_t id) {
    return "ids: id " + std::to_string(id);
}

void refuse_twice(const std::vector<std::int64_t>& ascending) {
    const auto twice = std::adjacent_find(ascending.begin(), ascending.end());
    if (twice != ascending.end()) throw std::invalid_argument(quoted(*twice) + " stands twice");
}

std::int64_t after(std::int64_t id) {
    return id == largest_id ? largest_id : id + 1;
}

}  // namespace

void Index::publish(std::vector<Held> parts, std::int64_t next_id) {
    auto next = std::make_shared<Snapshot>();
    next->next_id = next_id;
    next->parts = std::move(parts);
    for (const Held& part : next->parts) next->living += part.living;
    std::shared_ptr<const Snapshot> before = next;
    {
        const std::lock_guard lock(swapping_);
        now_.swap(before);
    }
    // `before` is freed here, outside the lock, unless a search still reads it.
}

std::shared_ptr<const Segment> Index::merged(const std::vector<Held>& parts) const {
    struct Row {
        std::int64_t id;
        std::int64_t position;
        const Segment* segment;
    };
    const auto by_id = [](const Row& a, const Row& b) { return a.id < b.id; };
    std::vector<Row> rows;
    for (const Held& part : parts) {
        const auto run = static_cast<std::ptrdiff_t>(rows.size());
        for (std::int64_t i = 0; i < part.segment->size(); ++i) {
            if (part.dead != nullptr && (*part.dead)[i]) continue;
            rows.push_back({part.segment->ids()[i], i, part.segment.get()});
        }
        std::inplace_merge(rows.begin(), rows.begin() + run, rows.end(), by_id);
    }
    auto whole = std::make_shared<Segment>(layout_, static_cast<std::int64_t>(rows.size()));
    std::vector<std::uint8_t> packed(layout_.groups() * group_bytes);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].segment->get(rows[i].position, packed.data());
        whole->put(static_cast<std::int64_t>(i), rows[i].id, packed.data());
    }
    whole->finish();
    return whole;
}

Index::Content Index::gathered() const {
    const auto seen = snapshot();
    const bool one = seen->parts.size() == 1 && seen->parts[0].dead == nullptr;
    return {one ? seen->parts[0].segment : merged(seen->parts), seen->next_id};
}

void Index::append(const std::uint8_t* rows, const std::int64_t* ids, std::int64_t n) {
    if (n == 0) return;
    std::vector<std::int64_t> order(n);
    std::iota(order.begin(), order.end(), std::int64_t{0});
    if (!std::is_sorted(ids, ids + n)) {
        std::sort(order.begin(), order.end(),
                  [ids](std::int64_t a, std::int64_t b) { return ids[a] < ids[b]; });
    }
    std::vector<std::int64_t> ascending(n);
    for (std::int64_t i = 0; i < n; ++i) ascending[i] = ids[order[i]];
    refuse_twice(ascending);
    const auto seen = snapshot();
    for (const std::int64_t id : ascending) {
        if (seen->contains(id)) throw std::invalid_argument(quoted(id) + " is already in the index");
    }
    auto fresh = std::make_shared<Segment>(layout_, n);
    std::vector<std::uint8_t> packed(layout_.groups() * group_bytes);
    for (std::int64_t i = 0; i < n; ++i) {
        layout_.pack(rows + order[i] * dims(), packed.data());
        fresh->put(i, ascending[i], packed.data());
    }
    fresh->finish();
    // Parts at most twice as large as what stands behind them are merged with it: a row is copied a
    // logarithmic number of times, and a search passes few parts.
    std::vector<Held> parts = seen->parts;
    std::vector<Held> small{{fresh, nullptr, n}};
    std::int64_t living = n;
    while (!parts.empty() && parts.back().living <= 2 * living) {
        living += parts.back().living;
        small.push_back(std::move(parts.back()));
        parts.pop_back();
    }
    if (small.size() == 1) {
        parts.push_back(std::move(small[0]));
    } else {
        parts.push_back({merged(small), nullptr, living});
    }
    publish(std::move(parts), std::max(seen->next_id, after(ascending.back())));
}

void Index::add(const std::uint8_t* rows, const std::int64_t* ids, std::int64_t n) {
    const std::lock_guard lock(writing_);
    append(rows, ids, n);
}

std::int64_t Index::add(const std::uint8_t* rows, std::int64_t n) {
    const std::lock_guard lock(writing_);
    const std::int64_t first = snapshot()->next_id;
    if (n > largest_id - first) {
        throw std::invalid_argument("ids: no id is left above the largest one; pass ids");
    }
    std::vector<std::int64_t> ids(n);
    std::iota(ids.begin(), ids.end(), first);
    append(rows, ids.data(), n);
    return first;
}

void Index::remove(const std::int64_t* ids, std::int64_t n) {
    const std::lock_guard lock(writing_);
    std::vector<std::int64_t> wanted(ids, ids + n);
    std::sort(wanted.begin(), wanted.end());
    refuse_twice(wanted);
    const auto seen = snapshot();
    std::vector<std::vector<std::int64_t>> gone(seen->parts.size());
    for (const std::int64_t id : wanted) {
        bool found = false;
        for (std::size_t p = 0; p < gone.size() && !found; ++p) {
            const std::int64_t at = seen->parts[p].find(id);
            found = at >= 0;
            if (found) gone[p].push_back(at);
        }
        if (!found) throw std::invalid_argument(quoted(id) + " is not in the index");
    }
    std::vector<Held> parts;
    for (std::size_t p = 0; p < gone.size(); ++p) {
        Held part = seen->parts[p];
        if (!gone[p].empty()) {
            const std::int64_t size = part.segment->size();
            auto dead = part.dead != nullptr ? std::make_shared<std::vector<bool>>(*part.dead)
                                             : std::make_shared<std::vector<bool>>(size, false);
            for (const std::int64_t at : gone[p]) (*dead)[at] = true;
            part.living -= static_cast<std::int64_t>(gone[p].size());
            part.dead = std::move(dead);
            if (part.living == 0) continue;
            // The dead are scanned like the living: they may not become the majority.
            if (2 * part.living < size) part = {merged({part}), nullptr, part.living};
        }
        parts.push_back(std::move(part));
    }
    publish(std::move(parts), seen->next_id);
}

void Index::attach(std::int64_t size, const std::int64_t* ids, const std::uint8_t* head,
                   const std::uint8_t* tail, std::int64_t next_id) {
    const std::lock_guard lock(writing_);
    if (snapshot()->living != 0) throw std::invalid_argument("attach: expected an empty index");
    auto segment = std::make_shared<Segment>(layout_, size, ids, head, tail);
    if (next_id < 0 || (size > 0 && after(ids[size - 1]) > next_id)) {
        throw std::invalid_argument("next_id: expected one above the largest id, got " +
                                    std::to_string(next_id));
    }
    std::vector<Held> parts;
    if (size > 0) parts.push_back({std::move(segment), nullptr, size});
    publish(std::move(parts), next_id);
}

}  // namespace hashmatch::vector
