#include "hamming/costs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hamming/masks.hpp"
#include "hamming/scan_kernels.hpp"

namespace hashmatch::hamming {
namespace {

constexpr int design_radius_per_256 = 31;  // PDQ's
constexpr int table_bytes_per_256 = 69;    // beside 32 of hash and 8 of id: 109 a hash
constexpr std::int64_t smallest_with_tables = 32768;
constexpr std::int64_t smallest_bucket = 8;  // on average: fewer hashes leave a line half empty

double choose(int n, int k) {
    double result = 1;
    for (int i = 0; i < k; ++i) result *= static_cast<double>(n - i) / (i + 1);
    return result;
}

// Expected cost of a query over uniform hashes; radii as even as they can be.
double uniform_cost(const Costs& costs, const TableShape& shape, std::int64_t size, int max_distance) {
    double total = costs.query;
    for (int c = 0; c < shape.chunks; ++c) {
        const int steps = max_distance + 1;
        const int radius = steps / shape.chunks - (c < steps % shape.chunks ? 0 : 1);
        if (radius > max_key_radius) return std::numeric_limits<double>::infinity();
        if (radius < 0) continue;
        const double probes = volume(shape.key_bits, radius);
        const double entries = probes * static_cast<double>(size) / static_cast<double>(shape.buckets());
        total += probes * costs.probe + entries * costs.entry +
                 entries * passing_share(shape, c, radius) * costs.verify;
    }
    return total;
}

}  // namespace

Costs costs_of(cpu::Isa isa, std::int64_t size) {
    const double million = std::log2(static_cast<double>(std::max<std::int64_t>(size, 1)) / 1e6);
    const double probe = std::clamp(13 + 5 * million, 6.0, 32.0);
    switch (isa) {
        case cpu::Isa::avx512:
            return {0.055, 0.09, 0.26, probe, 0.8, 13, 600};
        case cpu::Isa::avx2:
            return {0.17, 0.2, 0.26, probe, 1.5, 13, 600};
        default:
            return {3.2, 3.4, 3.4, probe + 2, 3.0, 20, 800};
    }
}

double scan_cost(const Costs& costs, std::int64_t size, int words, int max_distance,
                 std::int64_t n_queries) {
    const bool cached = size * words * 8 <= cached_bytes;
    const int judged = words == 4 && max_distance <= prefix_radius ? words / 2 : words;
    const double word = n_queries > 1 ? costs.word : costs.single;
    // A base in memory is read whole once for all queries.
    const double reading = cached ? 0 : words * costs.stream / static_cast<double>(n_queries);
    return static_cast<double>(size) * std::max(judged * word, reading);
}

double volume(int bits, int radius) {
    double total = 0;
    for (int weight = 0; weight <= std::min(radius, bits); ++weight) total += choose(bits, weight);
    return total;
}

double passing_share(const TableShape& shape, int c, int radius) {
    if (radius < 0) return 0;
    const int own = shape.chunk[c].own;
    const int next = shape.chunk[c].next;
    double passing = 0;
    for (int weight = 0; weight <= std::min(radius, shape.key_bits); ++weight) {
        double share = 0;
        for (int apart = 0; apart <= std::min(own, radius - weight); ++apart) {
            // The next chunk's radius is taken to be the same.
            share += choose(own, apart) * volume(next, 2 * radius + 1 - weight - apart);
        }
        passing += choose(shape.key_bits, weight) * share;
    }
    return passing / volume(shape.key_bits, radius) /
           static_cast<double>(std::int64_t{1} << (own + next));
}

TableShape best_shape(int bits, std::int64_t size) {
    TableShape best;
    if (size < smallest_with_tables) return best;
    // One shape a size, whatever this CPU: files are the same on every machine.
    const Costs costs = costs_of(cpu::Isa::avx512, size);
    const int max_distance = bits * design_radius_per_256 / 256;
    const double room = static_cast<double>(size) * table_bytes_per_256 * std::max(bits, 64) / 256;
    double least = scan_cost(costs, size, (bits + 63) / 64, max_distance, 1);
    for (int chunks = 2; chunks <= max_chunks; ++chunks) {
        for (int key_bits = 8; key_bits <= max_key_bits; ++key_bits) {
            const TableShape shape = table_shape(bits, size, chunks, key_bits);
            if (shape.chunks == 0 || size < smallest_bucket * shape.buckets()) continue;
            const auto bytes = 4.0 * static_cast<double>(shape.directory_size() + chunks * size);
            if (bytes > room) continue;
            const double cost = uniform_cost(costs, shape, size, max_distance);
            if (cost < least) {
                least = cost;
                best = shape;
            }
        }
    }
    return best;
}

}  // namespace hashmatch::hamming
