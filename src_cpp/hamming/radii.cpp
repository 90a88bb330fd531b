#include "hamming/radii.hpp"

#include <algorithm>

namespace hashmatch::hamming {
namespace {

constexpr int levels = max_key_radius + 1;

// What probing one chunk costs at each radius; index 0 is radius -1.
struct ChunkCosts {
    std::array<double, levels + 1> probes{};
    std::array<double, levels + 1> entries{};
    std::array<double, levels + 1> verified{};
    std::array<double, levels + 1> ns{};
};

// Expectations that depend on the shape alone.
struct ShapeCosts {
    std::array<double, levels> volumes{};
    std::array<std::array<double, levels>, max_chunks> shares{};

    explicit ShapeCosts(const TableShape& shape) {
        for (int radius = 0; radius < levels; ++radius) {
            volumes[radius] = volume(shape.key_bits, radius);
            for (int c = 0; c < shape.chunks; ++c) shares[c][radius] = passing_share(shape, c, radius);
        }
    }
};

// Of the shape met last: it changes from segment to segment only.
const ShapeCosts& shape_costs(const TableShape& shape) {
    thread_local TableShape known;
    thread_local ShapeCosts costs{TableShape{}};
    if (!(known == shape)) {
        costs = ShapeCosts(shape);
        known = shape;
    }
    return costs;
}

ChunkCosts chunk_costs(const TableShape& shape, std::int64_t size, int c, const ChunkLoad& load,
                       const ShapeCosts& expected, const Costs& costs) {
    // Further buckets are taken to be as full as the nearer ones, but not emptier than the average.
    const double average = static_cast<double>(size) / static_cast<double>(shape.buckets());
    const double further = std::max(load.around / shape.key_bits, average);
    ChunkCosts result;
    for (int radius = 0; radius < levels; ++radius) {
        double entries = load.own;
        if (radius >= 1) entries += load.around;
        if (radius >= 2) entries += (expected.volumes[radius] - expected.volumes[1]) * further;
        const int at = radius + 1;
        result.probes[at] = expected.volumes[radius];
        result.entries[at] = entries;
        result.verified[at] = entries * expected.shares[c][radius];
        result.ns[at] =
            result.probes[at] * costs.probe + entries * costs.entry + result.verified[at] * costs.verify;
    }
    return result;
}

// Moves single steps from the dearest chunk to the cheapest while that saves work: bits of the query
// that are common in the base are left to chunks where they are rare.
void improve(const std::array<ChunkCosts, max_chunks>& chunks, int n, Radii& radii) {
    for (;;) {
        int dearest = -1;
        int cheapest = -1;
        double saved = 0;
        double added = 0;
        for (int c = 0; c < n; ++c) {
            const int at = radii[c] + 1;
            if (at > 0) {
                const double step = chunks[c].ns[at] - chunks[c].ns[at - 1];
                if (dearest < 0 || step > saved) dearest = c, saved = step;
            }
            if (at < levels) {
                const double step = chunks[c].ns[at + 1] - chunks[c].ns[at];
                if (cheapest < 0 || step < added) cheapest = c, added = step;
            }
        }
        // The margin ends the loop: every move gains.
        if (dearest < 0 || cheapest < 0 || dearest == cheapest || added * 1.05 + 1 >= saved) return;
        --radii[dearest];
        ++radii[cheapest];
    }
}

}  // namespace

Probing choose_radii(const TableShape& shape, std::int64_t size, int max_distance,
                     const std::array<ChunkLoad, max_chunks>& loads, const Costs& costs) {
    const ShapeCosts& expected = shape_costs(shape);
    const int n = shape.chunks;
    const int steps = max_distance + 1;
    std::array<ChunkCosts, max_chunks> chunks;
    Probing result;
    for (int c = 0; c < n; ++c) {
        chunks[c] = chunk_costs(shape, size, c, loads[c], expected, costs);
        result.radii[c] = static_cast<std::int8_t>(steps / n - (c < steps % n ? 0 : 1));
    }
    improve(chunks, n, result.radii);
    result.ns = costs.query;
    for (int c = 0; c < n; ++c) {
        const int at = result.radii[c] + 1;
        result.probes += chunks[c].probes[at];
        result.entries += chunks[c].entries[at];
        result.verified += chunks[c].verified[at];
        result.ns += chunks[c].ns[at];
    }
    return result;
}

}  // namespace hashmatch::hamming
