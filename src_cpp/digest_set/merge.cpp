// Runs of ascending records into one.
#include <algorithm>
#include <cstring>
#include <vector>

#include "digest_set/order.hpp"
#include "hashmatch/digest_set.hpp"

namespace hashmatch::digest_set {
namespace {

// What is left of a run.
struct Rest {
    const std::uint8_t* next;
    const std::uint8_t* end;
};

template <int Stride>
std::int64_t merge(std::span<const Records> runs, std::uint8_t* merged) {
    std::vector<Rest> heap;  // the rest with the least record on top
    for (const Records& run : runs)
        if (run.size > 0) heap.push_back({run.data, run.data + run.size * Stride});
    const auto later = [](const Rest& a, const Rest& b) {
        return Key<Stride>::of(a.next).above(b.next);
    };
    std::make_heap(heap.begin(), heap.end(), later);
    std::uint8_t* end = merged;
    while (!heap.empty()) {
        std::pop_heap(heap.begin(), heap.end(), later);
        Rest& rest = heap.back();
        if (end == merged || std::memcmp(end - Stride, rest.next, Stride) != 0) {
            std::memcpy(end, rest.next, Stride);
            end += Stride;
        }
        rest.next += Stride;
        if (rest.next == rest.end)
            heap.pop_back();
        else
            std::push_heap(heap.begin(), heap.end(), later);
    }
    return (end - merged) / Stride;
}

}  // namespace

std::int64_t count_up_to(Records records, int stride, const std::uint8_t* bound) {
    return with_stride(stride, [&]<int Stride>() {
        std::int64_t first = 0;
        std::int64_t last = records.size;
        while (first < last) {
            const std::int64_t middle = first + (last - first) / 2;
            if (Key<Stride>::of(records.data + middle * Stride).above(bound))
                last = middle;
            else
                first = middle + 1;
        }
        return first;
    });
}

std::int64_t merge_records(std::span<const Records> runs, int stride, std::uint8_t* merged) {
    return with_stride(stride, [&]<int Stride>() { return merge<Stride>(runs, merged); });
}

}  // namespace hashmatch::digest_set
