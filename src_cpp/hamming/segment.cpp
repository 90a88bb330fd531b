#include "hashmatch/hamming_segment.hpp"

#include <algorithm>
#include <numeric>

namespace hashmatch::hamming {
namespace {

void place_words(std::uint64_t* blocks, const Layout& layout, std::int64_t position,
                 const std::uint64_t* words) {
    std::uint64_t* place = blocks + layout.place(position);
    for (int w = 0; w < layout.words(); ++w) place[w * block_hashes] = words[w];
}

void clear_last_block(std::uint64_t* blocks, const Layout& layout, std::int64_t size) {
    const std::int64_t all = layout.block_words(size);
    std::fill(blocks + std::max<std::int64_t>(0, all - block_hashes * layout.words()), blocks + all, 0);
}

std::shared_ptr<const Segment> finished(const Layout& layout, Buffer<std::uint64_t> blocks,
                                        Buffer<std::int64_t> ids, bool with_tables) {
    auto segment = std::make_shared<Segment>(
        Segment{layout, std::move(blocks).freeze(), std::move(ids).freeze(), {}});
    if (with_tables) {
        const TableShape shape = best_shape(layout.bits(), segment->size());
        if (shape.chunks != 0) segment->tables = build_tables(layout, segment->planes(), shape);
    }
    return segment;
}

}  // namespace

void Segment::words_at(std::int64_t position, std::uint64_t* words) const {
    const std::uint64_t* place = blocks.data() + layout.place(position);
    for (int w = 0; w < layout.words(); ++w) words[w] = place[w * block_hashes];
}

std::int64_t Segment::find(std::int64_t id) const {
    const auto* found = std::lower_bound(ids.begin(), ids.end(), id);
    return found != ids.end() && *found == id ? found - ids.begin() : size();
}

std::shared_ptr<const Segment> make_segment(const Layout& layout, const std::uint8_t* hashes,
                                            const std::int64_t* ids, std::int64_t n, bool with_tables) {
    Buffer<std::uint64_t> blocks(layout.block_words(n));
    Buffer<std::int64_t> sorted_ids(n);
    std::vector<std::int64_t> order;
    if (!std::is_sorted(ids, ids + n)) {
        order.resize(n);
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin(), order.end(),
                  [ids](std::int64_t a, std::int64_t b) { return ids[a] < ids[b]; });
    }
    clear_last_block(blocks.data(), layout, n);
    std::vector<std::uint64_t> words(layout.words());
    for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t from = order.empty() ? i : order[i];
        layout.pack(hashes + from * layout.bytes(), words.data());
        place_words(blocks.data(), layout, i, words.data());
        sorted_ids[i] = ids[from];
    }
    return finished(layout, std::move(blocks), std::move(sorted_ids), with_tables);
}

std::shared_ptr<const Segment> merged(const Layout& layout, const std::vector<Part>& parts,
                                      bool with_tables) {
    std::int64_t n = 0;
    for (const Part& part : parts) n += part.live();
    Buffer<std::uint64_t> blocks(layout.block_words(n));
    Buffer<std::int64_t> ids(n);
    clear_last_block(blocks.data(), layout, n);
    std::vector<std::uint64_t> words(layout.words());
    std::vector<std::int64_t> next(parts.size(), 0);
    const auto skip_removed = [&](std::size_t p) {
        while (next[p] < parts[p].segment->size() && parts[p].is_removed(next[p])) ++next[p];
    };
    for (std::size_t p = 0; p < parts.size(); ++p) skip_removed(p);
    for (std::int64_t i = 0; i < n; ++i) {
        // Few parts are merged at a time: the smallest head is found by looking at all.
        std::size_t smallest = parts.size();
        for (std::size_t p = 0; p < parts.size(); ++p) {
            if (next[p] == parts[p].segment->size()) continue;
            if (smallest == parts.size() ||
                parts[p].segment->ids[next[p]] < parts[smallest].segment->ids[next[smallest]]) {
                smallest = p;
            }
        }
        const Segment& from = *parts[smallest].segment;
        from.words_at(next[smallest], words.data());
        place_words(blocks.data(), layout, i, words.data());
        ids[i] = from.ids[next[smallest]++];
        skip_removed(smallest);
    }
    return finished(layout, std::move(blocks), std::move(ids), with_tables);
}

bool sound(const Segment& segment) {
    const Layout& layout = segment.layout;
    const std::int64_t n = segment.size();
    if (segment.blocks.size() != layout.block_words(n)) return false;
    bool ascending = true;
    for (std::int64_t i = 1; i < n; ++i) ascending &= segment.ids[i - 1] < segment.ids[i];
    bool clear = true;
    for (std::int64_t i = n; i % block_hashes != 0; ++i) {
        for (int w = 0; w < layout.words(); ++w) {
            clear &= segment.blocks[layout.place(i) + w * block_hashes] == 0;
        }
    }
    if (layout.bits() % 64 != 0) {
        const std::uint64_t padding = ~std::uint64_t{0} << (layout.bits() % 64);
        const std::uint64_t* last_words = segment.blocks.data() + (layout.words() - 1) * block_hashes;
        for (std::int64_t i = 0; i < n; ++i) clear &= (last_words[layout.place(i)] & padding) == 0;
    }
    if (!ascending || !clear) return false;
    if (segment.tables.empty()) return true;
    const TableShape& shape = segment.tables.shape;
    return shape == table_shape(layout.bits(), n, shape.chunks, shape.key_bits) &&
           sound(segment.tables, n);
}

}  // namespace hashmatch::hamming
