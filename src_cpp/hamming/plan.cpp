#include "hashmatch/hamming_plan.hpp"

#include "hamming/radii.hpp"
#include "hashmatch/cpu.hpp"

namespace hashmatch::hamming {
namespace {

std::uint32_t bucket_size(const std::uint32_t* directory, std::uint32_t key) {
    return directory[key + 1] - directory[key];
}

std::array<ChunkLoad, max_chunks> loads_of(const Segment& segment, const std::uint64_t* spread) {
    const TableShape& shape = segment.tables.shape;
    std::array<std::uint32_t, max_chunks> keys;
    for (int c = 0; c < shape.chunks; ++c) {
        keys[c] = shape.key(shape.value(spread, c));
        const std::uint32_t* directory = segment.tables.directory_of(c);
        __builtin_prefetch(directory + keys[c]);
        for (int bit = 0; bit < shape.key_bits; ++bit) {
            __builtin_prefetch(directory + (keys[c] ^ (std::uint32_t{1} << bit)));
        }
    }
    std::array<ChunkLoad, max_chunks> loads;
    for (int c = 0; c < shape.chunks; ++c) {
        const std::uint32_t* directory = segment.tables.directory_of(c);
        loads[c] = {static_cast<double>(bucket_size(directory, keys[c])), 0};
        std::uint64_t around = 0;
        for (int bit = 0; bit < shape.key_bits; ++bit) {
            around += bucket_size(directory, keys[c] ^ (std::uint32_t{1} << bit));
        }
        loads[c].around = static_cast<double>(around);
    }
    return loads;
}

}  // namespace

Plan make_plan(const Segment& segment, const std::uint64_t* spread, int max_distance,
               std::int64_t n_queries, Strategy strategy) {
    const Costs costs = costs_of(cpu::active(), segment.size());
    const TableShape& shape = segment.tables.shape;
    Plan plan;
    plan.scan_ns = scan_cost(costs, segment.size(), segment.layout.words(), max_distance, n_queries);
    plan.cost_ns = plan.scan_ns;
    plan.expected.scanned = segment.size();
    if (strategy == Strategy::scan || !coverable(shape, max_distance)) return plan;
    const Probing probing =
        choose_radii(shape, segment.size(), max_distance, loads_of(segment, spread), costs);
    if (strategy == Strategy::automatic && probing.ns >= worth_trying * plan.scan_ns) return plan;
    plan.probing = true;
    plan.radii = probing.radii;
    plan.cost_ns = probing.ns;
    plan.expected = {static_cast<std::int64_t>(probing.probes),
                     static_cast<std::int64_t>(probing.entries),
                     static_cast<std::int64_t>(probing.verified), 0};
    return plan;
}

}  // namespace hashmatch::hamming
