// How one query is answered on one segment, and what that is expected to cost.
#pragma once

#include <cstdint>

#include "hashmatch/hamming_segment.hpp"

namespace hashmatch::hamming {

/// Which way the caller allows. `probe` uses tables wherever there are some and the radius can be
/// covered; answers are the same.
enum class Strategy { automatic, scan, probe };

/// Probing is chosen where it is expected to cost at most this share of a scan, and given up once it has
/// cost that: whatever the data and however wrong the estimate, a query takes 1.5 scans at most.
constexpr double worth_trying = 0.5;

struct Work {
    std::int64_t probes = 0;    ///< buckets looked at
    std::int64_t entries = 0;   ///< entries of those buckets
    std::int64_t verified = 0;  ///< hashes compared
    std::int64_t scanned = 0;   ///< hashes scanned

    void add(const Work& other) {
        probes += other.probes;
        entries += other.entries;
        verified += other.verified;
        scanned += other.scanned;
    }
};

struct Plan {
    bool probing = false;  ///< else: scan
    Radii radii{};         ///< by chunk
    Work expected;         ///< of the chosen way
    double cost_ns = 0;    ///< of the chosen way
    double scan_ns = 0;    ///< of a scan
};

/// Chooses by the sizes of the query's own buckets: exact up to a key radius of 1, extrapolated beyond.
/// `spread` is the query in Layout::spread's order; n_queries is how many share a scan.
Plan make_plan(const Segment& segment, const std::uint64_t* spread, int max_distance,
               std::int64_t n_queries, Strategy strategy);

}  // namespace hashmatch::hamming
