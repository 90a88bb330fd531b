// Records into order, in place: introsort, so that no choice of digests makes it quadratic.
#include <algorithm>
#include <cstring>

#include "digest_set/order.hpp"
#include "hashmatch/digest_set.hpp"

namespace hashmatch::digest_set {
namespace {

template <int Stride>
struct Record {
    std::uint8_t bytes[Stride];

    bool operator<(const Record& other) const { return Key<Stride>::of(other.bytes).above(bytes); }
    bool operator==(const Record& other) const { return std::memcmp(bytes, other.bytes, Stride) == 0; }
};

}  // namespace

std::int64_t sort_records(std::uint8_t* records, std::int64_t n, int stride) {
    return with_stride(stride, [&]<int Stride>() -> std::int64_t {
        auto* first = reinterpret_cast<Record<Stride>*>(records);
        std::sort(first, first + n);
        return std::unique(first, first + n) - first;
    });
}

void count_leading(Records records, int stride, int radix_bits, std::uint32_t* counts) {
    const std::uint8_t* record = records.data;
    for (std::int64_t i = 0; i < records.size; ++i, record += stride)
        ++counts[leading(word_at(record), radix_bits)];
}

}  // namespace hashmatch::digest_set
