// The vector index without Python: every ISA against naive loops, on attached planes of the exact size,
// so that the address sanitizer sees any byte read past the end; and changes that fail half way.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "hashmatch/cpu.hpp"
#include "hashmatch/vector_index.hpp"

namespace cpu = hashmatch::cpu;
namespace vector = hashmatch::vector;

// Allocations that may still succeed; below zero: no limit. Not inlined: gcc would see malloc meet
// delete.
static long allocations_left = -1;

static void* allocate(std::size_t n, std::size_t alignment) {
    if (allocations_left == 0) throw std::bad_alloc();
    if (allocations_left > 0) --allocations_left;
    const std::size_t rounded = (std::max<std::size_t>(n, 1) + alignment - 1) / alignment * alignment;
    void* p = alignment <= alignof(std::max_align_t) ? std::malloc(std::max<std::size_t>(n, 1))
                                                     : std::aligned_alloc(alignment, rounded);
    if (p == nullptr) throw std::bad_alloc();
    return p;
}

[[gnu::noinline]] void* operator new(std::size_t n) {
    return allocate(n, 1);
}
[[gnu::noinline]] void* operator new(std::size_t n, std::align_val_t a) {
    return allocate(n, static_cast<std::size_t>(a));
}
[[gnu::noinline]] void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
    return std::malloc(std::max<std::size_t>(n, 1));
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
    std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept {
    std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
    std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, const std::nothrow_t&) noexcept {
    std::free(p);
}

namespace {

long checks = 0;
long failures = 0;

void check(bool holds, const std::string& what) {
    ++checks;
    if (holds) return;
    ++failures;
    std::printf("FAILED: %s\n", what.c_str());
}

template <typename Work>
bool refuses(Work work) {
    try {
        work();
    } catch (const std::invalid_argument&) {
        return true;
    }
    return false;
}

using Rows = std::vector<std::uint8_t>;
using Answer = std::vector<std::tuple<std::int64_t, std::int64_t>>;  // (distance, id)

Rows random_rows(std::int64_t n, int dims, unsigned seed, int most = 255) {
    std::mt19937 engine(seed);
    Rows rows(n * dims);
    for (std::uint8_t& value : rows) value = static_cast<std::uint8_t>(engine() % (most + 1));
    return rows;
}

Answer naive(const Rows& rows, const std::vector<std::int64_t>& ids, int dims, const std::uint8_t* query,
             std::int64_t radius) {
    Answer answer;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        std::int64_t sum = 0;
        for (int k = 0; k < dims; ++k) {
            const int d = rows[i * dims + k] - query[k];
            sum += d * d;
        }
        if (sum <= radius) answer.emplace_back(sum, ids[i]);
    }
    std::sort(answer.begin(), answer.end());
    return answer;
}

Answer answer_of(const vector::SearchResult& found, std::size_t query) {
    Answer answer;
    for (auto i = found.offsets[query]; i < found.offsets[query + 1]; ++i) {
        answer.emplace_back(found.distances[i], found.ids[i]);
    }
    return answer;
}

// A copy in a heap block of its own, so that the byte behind it is poisoned.
template <typename T>
std::unique_ptr<T[]> exact_copy(const T* data, std::int64_t n) {
    auto copy = std::make_unique<T[]>(n);
    if (n > 0) std::memcpy(copy.get(), data, n * sizeof(T));
    return copy;
}

void test_searches() {
    for (const int dims : {1, 3, 4, 5, 48, 143, 144, 145, 200}) {
        for (const int n : {0, 1, 15, 16, 17, 600}) {
            const Rows rows = random_rows(n, dims, dims * 1000 + n);
            const Rows queries = random_rows(9, dims, 7);
            std::vector<std::int64_t> ids(n);
            std::iota(ids.begin(), ids.end(), std::int64_t{-5});
            vector::Index filled(dims);
            filled.add(rows.data(), ids.data(), n);
            const vector::Index::Content content = filled.gathered();
            const vector::Layout& layout = filled.layout();
            const auto head = exact_copy(content.segment->head(),
                                         vector::Layout::plane_bytes(n, layout.head_groups()));
            const auto tail = exact_copy(content.segment->tail(),
                                         vector::Layout::plane_bytes(n, layout.tail_groups()));
            const auto own_ids = exact_copy(content.segment->ids(), n);
            vector::Index mapped(dims);
            mapped.attach(n, own_ids.get(), head.get(), tail.get(), content.next_id);
            for (const cpu::Isa isa : cpu::available()) {
                cpu::use(isa);
                for (const std::int64_t radius : {0L, 2000L * dims, 10922L * dims, 65025L * dims}) {
                    for (const int threads : {1, 3}) {
                        const auto found = filled.range_search(queries.data(), 9, radius, threads);
                        const auto again = mapped.range_search(queries.data(), 9, radius, threads);
                        bool same = found.ids == again.ids && found.distances == again.distances;
                        for (int q = 0; q < 9; ++q) {
                            same = same && answer_of(found, q) ==
                                               naive(rows, ids, dims, &queries[q * dims], radius);
                        }
                        check(same, std::string("range_search on ") + cpu::name(isa));
                    }
                }
                const auto found = mapped.knn(queries.data(), 9, 5);
                bool same = true;
                for (int q = 0; q < 9; ++q) {
                    Answer all = naive(rows, ids, dims, &queries[q * dims], 65025L * dims);
                    all.resize(std::min<std::size_t>(all.size(), 5));
                    same = same && answer_of(found, q) == all;
                }
                check(same, std::string("knn on ") + cpu::name(isa));
            }
        }
    }
}

void test_refusals() {
    for (const int dims : {-1, 0, 4097}) {
        check(refuses([dims] { vector::Index index(dims); }), "dims that are none");
    }
    const Rows rows = random_rows(3, 8, 1);
    vector::Index index(8);
    const std::int64_t ids[] = {4, 2, 9};
    const std::int64_t twice[] = {5, 6, 5};
    index.add(rows.data(), ids, 3);
    check(refuses([&] { index.add(rows.data(), ids + 2, 1); }), "an id that is there");
    check(refuses([&] { index.add(rows.data(), twice, 3); }), "an id twice");
    check(refuses([&] { index.remove(twice, 1); }), "removing what is not there");
    const std::int64_t same[] = {4, 4};
    check(refuses([&] { index.remove(same, 2); }), "removing twice");
    check(index.size() == 3, "a refusal changes nothing");
    const auto content = index.gathered();
    check(refuses([&] {
              index.attach(3, content.segment->ids(), content.segment->head(), content.segment->tail(),
                           10);
          }),
          "attaching to what is not empty");
    vector::Index empty(8);
    check(refuses([&] { empty.attach(3, ids, content.segment->head(), content.segment->tail(), 10); }),
          "ids that do not ascend");
    check(refuses([&] {
              empty.attach(3, content.segment->ids(), content.segment->head(), content.segment->tail(),
                           9);
          }),
          "a next id that is taken");
    check(empty.size() == 0, "nothing was attached");
}

// Whatever allocation fails, the index is as before and works on.
void test_no_memory() {
    const int dims = 20;
    const Rows rows = random_rows(400, dims, 3, 3);
    std::vector<std::int64_t> ids(400);
    std::iota(ids.begin(), ids.end(), std::int64_t{0});
    long failed = 0;
    for (const bool removing : {false, true}) {
        for (long allowed = 0;; ++allowed) {
            vector::Index index(dims);
            index.add(rows.data(), ids.data(), 200);
            bool ended = true;
            allocations_left = allowed;
            try {
                if (removing) {
                    index.remove(ids.data(), 150);
                } else {
                    index.add(&rows[200 * dims], &ids[200], 200);
                }
            } catch (const std::bad_alloc&) {
                ended = false;
            }
            allocations_left = -1;
            const std::int64_t size = !ended ? 200 : removing ? 50 : 400;
            check(index.size() == size, "all of a change or nothing");
            const std::int64_t first = ended && removing ? 150 : 0;
            const Rows kept(rows.begin() + first * dims, rows.begin() + (first + size) * dims);
            const std::vector<std::int64_t> kept_ids(ids.begin() + first, ids.begin() + first + size);
            const auto found = index.range_search(rows.data(), 1, 60, 1);
            check(answer_of(found, 0) == naive(kept, kept_ids, dims, rows.data(), 60), "its content");
            if (ended) break;
            ++failed;
        }
    }
    check(failed > 10, "allocations did fail");
    vector::Index index(dims);
    index.add(rows.data(), ids.data(), 400);
    for (long allowed = 0; allowed < 6; ++allowed) {
        allocations_left = allowed;
        bool threw = false;
        try {
            index.range_search(rows.data(), 1, 1 << 30, 1);
        } catch (const std::bad_alloc&) {
            threw = true;
        }
        allocations_left = -1;
        check(threw, "a search without memory says so");
    }
}

}  // namespace

int main() {
    test_searches();
    test_refusals();
    test_no_memory();
    std::string names;
    for (const cpu::Isa isa : cpu::available()) names += std::string(" ") + cpu::name(isa);
    std::printf("vector: %ld checks on%s, %ld failed\n", checks, names.c_str(), failures);
    return failures == 0 ? 0 : 1;
}
