// One query on one segment's tables.
#pragma once

#include <cstdint>
#include <vector>

#include "hamming/probe_kernels.hpp"
#include "hashmatch/hamming_plan.hpp"

namespace hashmatch::hamming {

/// Room that a thread keeps from one query to the next.
struct ProbeRoom {
    std::vector<Bucket> buckets;
    std::vector<std::uint32_t> positions;
    std::vector<Hit> hits;
};

/// Appends every hit of the query, each possibly several times, and counts the work. Gives up, leaving
/// `hits` as it was, where the work would exceed budget_ns: whatever the data, a query costs at most
/// that much more than the scan which then answers it. Returns whether it finished.
bool probe(const Segment& segment, const Plan& plan, const std::uint64_t* packed,
           const std::uint64_t* spread, int max_distance, std::int32_t query, double budget_ns,
           ProbeRoom& room, std::vector<Hit>& hits, Work& work);

}  // namespace hashmatch::hamming
