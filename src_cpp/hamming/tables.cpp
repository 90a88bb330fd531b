#include "hashmatch/hamming_tables.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace hashmatch::hamming {
namespace {

// The value of every chunk of every hash, chunk by chunk.
void chunk_values(const Layout& layout, const Planes& planes, const TableShape& shape,
                  std::uint32_t* out) {
    std::vector<std::uint64_t> packed(layout.words());
    std::vector<std::uint64_t> spread(layout.words());
    for (std::int64_t i = 0; i < planes.size; ++i) {
        const std::uint64_t* hash = planes.blocks + layout.place(i);
        for (int w = 0; w < layout.words(); ++w) packed[w] = hash[w * block_hashes];
        layout.spread(packed.data(), spread.data());
        for (int c = 0; c < shape.chunks; ++c) {
            out[c * planes.size + i] = shape.value(spread.data(), c);
        }
    }
}

}  // namespace

TableShape table_shape(int bits, std::int64_t size, int chunks, int key_bits) {
    TableShape shape;
    shape.bits = bits;
    while (std::int64_t{1} << shape.position_bits < size) ++shape.position_bits;
    const bool possible = size >= 2 && size <= max_segment && chunks >= 2 && chunks <= max_chunks &&
                          key_bits >= 1 && key_bits <= max_key_bits && bits / chunks >= key_bits &&
                          key_bits <= shape.position_bits;
    if (!possible) return TableShape{};
    shape.chunks = chunks;
    shape.key_bits = key_bits;
    const auto start = [&](int c) { return bits * c / chunks; };
    const int room = 32 - shape.position_bits;
    for (int c = 0; c < chunks; ++c) {
        const int next = shape.next(c);
        const int own = std::min(start(c + 1) - start(c) - key_bits, room);
        shape.chunk[c] = {static_cast<std::int16_t>(start(c)), static_cast<std::int8_t>(own),
                          static_cast<std::int8_t>(std::min(start(next + 1) - start(next), room - own)),
                          static_cast<std::int16_t>(start(next))};
    }
    return shape;
}

bool TableShape::meets(const std::uint64_t* difference, int c, const Radii& radii) const {
    if (radii[c] < 0) return false;
    const std::uint32_t bits_apart = value(difference, c);
    const int first = key_bits + chunk[c].own;
    const auto own = static_cast<std::uint32_t>((std::uint64_t{1} << first) - 1);
    return std::popcount(bits_apart & own) <= radii[c] &&
           std::popcount(bits_apart) <= radii[c] + radii[next(c)] + 1;
}

Tables build_tables(const Layout& layout, const Planes& planes, const TableShape& shape) {
    const std::int64_t size = planes.size;
    const std::int64_t buckets = shape.buckets();
    Buffer<std::uint32_t> directory(shape.directory_size());
    Buffer<std::uint32_t> entries(shape.chunks * size);
    // Values go where the entries will be; one chunk's worth of room sorts them.
    chunk_values(layout, planes, shape, entries.data());
    Buffer<std::uint32_t> sorted(size);
    std::vector<std::uint32_t> next(buckets);
    for (int c = 0; c < shape.chunks; ++c) {
        std::uint32_t* values = entries.data() + c * size;
        std::uint32_t* starts = directory.data() + c * (buckets + 1);
        std::fill(next.begin(), next.end(), 0);
        for (std::int64_t i = 0; i < size; ++i) ++next[shape.key(values[i])];
        std::uint32_t total = 0;
        for (std::int64_t b = 0; b < buckets; ++b) {
            starts[b] = total;
            total += next[b];
            next[b] = starts[b];
        }
        starts[buckets] = total;
        for (std::int64_t i = 0; i < size; ++i) {
            sorted[next[shape.key(values[i])]++] =
                shape.extra(values[i]) | static_cast<std::uint32_t>(i);
        }
        std::memcpy(values, sorted.data(), static_cast<std::size_t>(size) * sizeof(*values));
    }
    return Tables{shape, std::move(directory).freeze(), std::move(entries).freeze()};
}

bool sound(const Tables& tables, std::int64_t size) {
    const TableShape& shape = tables.shape;
    if (tables.directory.size() != shape.directory_size() ||
        tables.entries.size() != shape.chunks * size) {
        return false;
    }
    const std::uint32_t mask = shape.position_mask();
    bool within = true;
    for (const std::uint32_t entry : tables.entries) within &= (entry & mask) < size;
    for (int c = 0; c < shape.chunks; ++c) {
        const std::uint32_t* starts = tables.directory_of(c);
        within &= starts[0] == 0 && starts[shape.buckets()] == size;
        for (std::int64_t b = 0; b < shape.buckets(); ++b) within &= starts[b] <= starts[b + 1];
    }
    return within;
}

}  // namespace hashmatch::hamming
