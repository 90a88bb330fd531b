// What a lookup relies on, checked before the first one: a file's checksums say nothing of its author.
#include "digest_set/order.hpp"
#include "hashmatch/digest_set.hpp"

namespace hashmatch::digest_set {
namespace {

bool directory_is_sound(const Table& table) {
    const std::int64_t size = table.directory_size();
    if (table.directory[0] != 0 || table.directory[size - 1] != table.records.size) return false;
    bool ascending = true;
    for (std::int64_t i = 1; i < size; ++i) ascending &= table.directory[i - 1] <= table.directory[i];
    return ascending;
}

}  // namespace

bool sound(const Table& table) {
    if (!directory_is_sound(table)) return false;
    return with_stride(table.stride, [&]<int Stride>() {
        const std::uint8_t* record = table.records.data;
        for (std::int64_t i = 0; i < table.records.size; ++i, record += Stride) {
            const std::uint64_t value = leading(word_at(record), table.radix_bits);
            if (i < table.directory[value] || i >= table.directory[value + 1]) return false;
            if (i > 0 && !Key<Stride>::of(record).above(record - Stride)) return false;
        }
        return true;
    });
}

}  // namespace hashmatch::digest_set
