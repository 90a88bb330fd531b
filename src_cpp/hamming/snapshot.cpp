#include "hashmatch/hamming_snapshot.hpp"

namespace hashmatch::hamming {

std::int64_t Snapshot::size() const {
    std::int64_t total = 0;
    for (const Part& part : parts) total += part.live();
    return total;
}

std::int64_t Snapshot::memory_bytes() const {
    std::int64_t total = 0;
    for (const Part& part : parts) {
        total += part.segment->memory_bytes();
        if (part.removed) total += part.removed->memory_bytes();
    }
    return total;
}

bool Snapshot::contains(std::int64_t id) const {
    for (const Part& part : parts) {
        const std::int64_t position = part.segment->find(id);
        if (position != part.segment->size() && !part.is_removed(position)) return true;
    }
    return false;
}

std::vector<std::uint64_t> Snapshot::packed(const std::uint8_t* queries, std::int64_t n) const {
    std::vector<std::uint64_t> words(n * layout.words());
    for (std::int64_t i = 0; i < n; ++i) {
        layout.pack(queries + i * layout.bytes(), &words[i * layout.words()]);
    }
    return words;
}

}  // namespace hashmatch::hamming
