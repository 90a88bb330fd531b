// One query on one segment's tables.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "hamming/probe_kernels.hpp"
#include "hashmatch/hamming_plan.hpp"

namespace hashmatch::hamming {

/// Positions met so far: a hash within the radius is usually found in most chunks.
class PositionSet {
public:
    void clear() {
        std::fill(places_.begin(), places_.end(), empty);
        size_ = 0;
    }

    /// Whether the position is new.
    bool insert(std::uint32_t position) {
        if (2 * (size_ + 1) > places_.size()) grow();
        std::size_t at = place(position);
        while (places_[at] != empty) {
            if (places_[at] == position) return false;
            at = (at + 1) & (places_.size() - 1);
        }
        places_[at] = position;
        ++size_;
        return true;
    }

private:
    static constexpr std::uint32_t empty = 0xFFFFFFFF;  // beyond max_segment

    std::size_t place(std::uint32_t position) const {
        return (position * std::uint64_t{0x9E3779B97F4A7C15} >> 32) & (places_.size() - 1);
    }

    void grow() {
        std::vector<std::uint32_t> old(std::max<std::size_t>(64, 2 * places_.size()), empty);
        old.swap(places_);
        size_ = 0;
        for (const std::uint32_t position : old) {
            if (position != empty) insert(position);
        }
    }

    std::vector<std::uint32_t> places_;
    std::size_t size_ = 0;
};

/// Room that a thread keeps from one query to the next.
struct ProbeRoom {
    PositionSet met;
    std::vector<Bucket> buckets;
    std::vector<std::uint32_t> positions;
    std::vector<Hit> hits;
};

/// Appends every hit of the query once and counts the work. Gives up, leaving `hits` as it was, where
/// the work that leads to no hit would exceed budget_ns: whatever the data, a query costs at most that
/// much more than the scan which then answers it. Returns whether it finished.
bool probe(const Segment& segment, const Plan& plan, const std::uint64_t* packed,
           const std::uint64_t* spread, int max_distance, std::int32_t query, double budget_ns,
           ProbeRoom& room, std::vector<Hit>& hits, Work& work);

}  // namespace hashmatch::hamming
