// The core alone, without Python: every ISA against serial and against naive loops, on heap buffers of
// the exact size, so that the address sanitizer sees any byte read past the end. run.sh builds and runs.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "hashmatch/cpu.hpp"
#include "hashmatch/hamming.hpp"
#include "hashmatch/hamming_index.hpp"
#include "hashmatch/pdq.hpp"

namespace cpu = hashmatch::cpu;
namespace hamming = hashmatch::hamming;
namespace pdq = hashmatch::pdq;

// Allocations that may still succeed; below zero: no limit.
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

void* operator new(std::size_t n) {
    return allocate(n, 1);
}
void* operator new(std::size_t n, std::align_val_t a) {
    return allocate(n, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
    std::free(p);
}

namespace {

long checks = 0;
long failures = 0;

void check(bool holds, const std::string& what) {
    ++checks;
    if (holds) return;
    if (++failures <= 20) std::printf("FAILED: %s\n", what.c_str());
}

template <typename Call>
bool refuses(Call call) {
    try {
        call();
    } catch (const std::invalid_argument&) {
        return true;
    }
    return false;
}

using Bytes = std::unique_ptr<std::uint8_t[]>;  // no spare capacity as a vector may have

Bytes random_bytes(std::int64_t n, std::mt19937_64& rng) {
    Bytes bytes(new std::uint8_t[static_cast<std::size_t>(n)]);
    for (std::int64_t i = 0; i < n; ++i) bytes[i] = static_cast<std::uint8_t>(rng());
    return bytes;
}

std::string at(const char* what, cpu::Isa isa, std::int64_t a, std::int64_t b, std::int64_t c) {
    return std::string(what) + " on " + cpu::name(isa) + ": " + std::to_string(a) + " x " +
           std::to_string(b) + " x " + std::to_string(c);
}

// ---- PDQ ------------------------------------------------------------------------------------------

struct Outcome {
    pdq::Small small;
    pdq::Result single;
    pdq::DihedralResult dihedral;

    bool operator==(const Outcome& o) const {
        return std::memcmp(small.data(), o.small.data(), sizeof small) == 0 &&
               single.hash == o.single.hash && single.quality == o.single.quality &&
               single.certified == o.single.certified && dihedral.hashes == o.dihedral.hashes &&
               dihedral.quality == o.dihedral.quality && dihedral.certified == o.dihedral.certified;
    }
};

Outcome outcome(const pdq::Pixels& pixels, cpu::Isa isa) {
    cpu::use(isa);
    return {pdq::small_from_bands(pixels), pdq::hash(pixels), pdq::hash_dihedral(pixels)};
}

void check_picture(std::int64_t height, std::int64_t width, int channels, bool flat,
                   std::mt19937_64& rng) {
    const std::int64_t n = height * width * channels;
    const Bytes bytes = random_bytes(n, rng);
    if (flat) std::fill(bytes.get(), bytes.get() + n, bytes[0]);
    const pdq::Pixels pixels{bytes.get(), height, width, channels};
    const Outcome expected = outcome(pixels, cpu::Isa::serial);
    for (const cpu::Isa isa : cpu::available()) {
        check(outcome(pixels, isa) == expected, at("pdq", isa, height, width, channels));
    }
    const pdq::Result reference = pdq::hash_reference(pixels);
    check(reference.hash == expected.single.hash && reference.quality == expected.single.quality,
          at("pdq against its reference", cpu::Isa::serial, height, width, channels));
    check(expected.dihedral.hashes[0] == expected.single.hash &&
              expected.dihedral.quality == expected.single.quality,
          at("pdq dihedral row 0", cpu::Isa::serial, height, width, channels));
}

void test_pdq() {
    std::mt19937_64 rng(20261125);
    for (const int channels : {1, 3}) {
        for (std::int64_t n = 5; n <= 200; ++n) {
            check_picture(7, n, channels, false, rng);
            check_picture(n, 7, channels, false, rng);
        }
        for (const auto& [h, w] : std::vector<std::pair<std::int64_t, std::int64_t>>{{5, 5},
                                                                                     {64, 64},
                                                                                     {64, 65},
                                                                                     {127, 129},
                                                                                     {128, 128},
                                                                                     {255, 257},
                                                                                     {300, 421},
                                                                                     {513, 129},
                                                                                     {5, 3000},
                                                                                     {3000, 5},
                                                                                     {9000, 40},
                                                                                     {16256, 6},
                                                                                     {16300, 6},
                                                                                     {17000, 5},
                                                                                     {6, 16300},
                                                                                     {140, 1400},
                                                                                     {700, 31}}) {
            check_picture(h, w, channels, false, rng);
            check_picture(h, w, channels, true, rng);
        }
    }
    const Bytes bytes = random_bytes(64, rng);
    for (const auto& pixels : {pdq::Pixels{bytes.get(), 4, 16, 1}, pdq::Pixels{bytes.get(), 16, 4, 1},
                               pdq::Pixels{bytes.get(), 0, 0, 3}, pdq::Pixels{bytes.get(), 5, 5, 2},
                               pdq::Pixels{bytes.get(), -5, 5, 1}}) {
        check(refuses([&] { pdq::hash(pixels); }), "pdq::hash takes what it should refuse");
        check(refuses([&] { pdq::hash_dihedral(pixels); }), "hash_dihedral takes what it should refuse");
        check(refuses([&] { pdq::hash_reference(pixels); }),
              "hash_reference takes what it should refuse");
    }
}

// ---- Hamming --------------------------------------------------------------------------------------

int naive_distance(const std::uint8_t* a, const std::uint8_t* b, int n_bytes) {
    int sum = 0;
    for (int i = 0; i < n_bytes; ++i) sum += std::popcount(static_cast<unsigned>(a[i] ^ b[i]));
    return sum;
}

using Key = std::tuple<std::int64_t, int, std::int64_t>;  // (query, distance, id)

hamming::SearchResult search(const hamming::Index& index, const std::uint8_t* queries, std::int64_t n,
                             int radius) {
    hamming::Work work;
    return hamming::range_search(*index.snapshot(), queries, n, {radius, false, 0}, {}, work);
}

hamming::SearchResult nearest_of(const hamming::Index& index, const std::uint8_t* queries,
                                 std::int64_t n, std::int64_t k) {
    return hamming::knn(*index.snapshot(), queries, n, k, {});
}

std::int64_t size_of(const hamming::Index& index) {
    return index.snapshot()->size();
}

std::vector<Key> keys_of(const hamming::SearchResult& result) {
    std::vector<Key> keys;
    for (std::size_t q = 0; q + 1 < result.offsets.size(); ++q) {
        for (std::int64_t i = result.offsets[q]; i < result.offsets[q + 1]; ++i) {
            keys.emplace_back(q, result.distances[i], result.ids[i]);
        }
    }
    return keys;
}

void check_index(int bits, std::int64_t n, std::int64_t n_queries, std::mt19937_64& rng) {
    const int n_bytes = bits / 8;
    const Bytes hashes = random_bytes(n * n_bytes, rng);
    const Bytes queries = random_bytes(n_queries * n_bytes, rng);
    for (std::int64_t q = 0; q < n_queries && n > 0; ++q) {  // near one of them
        std::memcpy(&queries[q * n_bytes], &hashes[q * 7919 % n * n_bytes], n_bytes);
        for (std::int64_t k = 0; k < q; ++k) queries[q * n_bytes + rng() % n_bytes] ^= 1U << (rng() % 8);
    }
    std::vector<std::int64_t> ids(n);
    for (std::int64_t i = 0; i < n; ++i) ids[i] = (i * 7919 + 13) % 1000003 - 500000;
    hamming::Index index(bits, true);
    index.add(hashes.get(), ids.data(), n);
    std::vector<Key> all;
    for (std::int64_t q = 0; q < n_queries; ++q) {
        for (std::int64_t i = 0; i < n; ++i) {
            all.emplace_back(q, naive_distance(&queries[q * n_bytes], &hashes[i * n_bytes], n_bytes),
                             ids[i]);
        }
    }
    std::sort(all.begin(), all.end());
    const std::int64_t k = 5;
    std::vector<Key> nearest;
    for (std::int64_t q = 0; q < n_queries; ++q) {
        nearest.insert(nearest.end(), all.begin() + q * n, all.begin() + q * n + std::min(k, n));
    }
    for (const cpu::Isa isa : cpu::available()) {
        cpu::use(isa);
        for (const int radius : {0, 31, 44, 45, bits / 2, bits, bits + 1, 1000000}) {
            std::vector<Key> expected;
            for (const Key& key : all) {
                if (std::get<1>(key) <= radius) expected.push_back(key);
            }
            check(keys_of(search(index, queries.get(), n_queries, radius)) == expected,
                  at("range_search", isa, bits, n, radius));
        }
        check(keys_of(nearest_of(index, queries.get(), n_queries, k)) == nearest,
              at("knn", isa, bits, n, k));
    }
}

void test_hamming() {
    std::mt19937_64 rng(7);
    for (const int bits : {8, 56, 64, 72, 128, 192, 256, 264, 512, 1024, 1984, 2048, 4096}) {
        for (const std::int64_t n : {0, 1, 7, 8, 9, 64, 65}) {
            for (const std::int64_t n_queries : {0, 1, 5, 6, 7, 13})
                check_index(bits, n, n_queries, rng);
        }
    }
    // Around one chunk of the scan (256 KiB of words).
    for (const std::int64_t n : {8191, 8192, 8193}) check_index(256, n, 7, rng);
    for (const std::int64_t n : {1023, 1024, 1025}) check_index(2048, n, 7, rng);
    check_index(hamming::max_bits, 9, 2, rng);
    for (const int bits : {-8, 0, 4, 65, hamming::max_bits + 8}) {
        check(refuses([&] { hamming::Index index(bits, true); }), "bits that should be refused");
    }
}

// ---- Changes to the index -------------------------------------------------------------------------

std::vector<Key> content(const hamming::Index& index) {
    const std::vector<std::uint8_t> zero(static_cast<std::size_t>(index.bits() / 8), 0);
    return keys_of(nearest_of(index, zero.data(), 1, 1000000));
}

void test_removal() {
    std::mt19937_64 rng(9);
    constexpr std::int64_t n = 100;
    const Bytes hashes = random_bytes(n * 32, rng);
    hamming::Index index(256, true);
    check(index.add(hashes.get(), n) == 0, "first fresh id");
    std::vector<std::int64_t> alive(n);
    for (std::int64_t i = 0; i < n; ++i) alive[i] = i;
    while (!alive.empty()) {
        std::shuffle(alive.begin(), alive.end(), rng);
        const std::size_t gone = std::min<std::size_t>(7, alive.size());
        index.remove(alive.data() + alive.size() - gone, static_cast<std::int64_t>(gone));
        alive.resize(alive.size() - gone);
        check(size_of(index) == static_cast<std::int64_t>(alive.size()), "size after a removal");
        for (std::int64_t id = 0; id < n; ++id) {
            const bool there = std::find(alive.begin(), alive.end(), id) != alive.end();
            const auto found = search(index, &hashes[id * 32], 1, 0);
            check(found.ids == (there ? std::vector<std::int64_t>{id} : std::vector<std::int64_t>{}),
                  "search after a removal");
        }
    }
    check(index.add(hashes.get(), 3) == n, "fresh ids go on after removals");
}

void test_refusals() {
    std::mt19937_64 rng(10);
    const Bytes hashes = random_bytes(4 * 32, rng);
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    hamming::Index index(256, true);
    const std::int64_t first[] = {1, 5, largest};
    index.add(hashes.get(), first, 3);
    const std::vector<Key> before = content(index);
    const std::int64_t twice[] = {7, 8, 7};
    const std::int64_t known[] = {7, 8, 5};
    const std::int64_t unknown[] = {1, 9};
    check(refuses([&] { index.add(hashes.get(), twice, 3); }), "an id twice in add");
    check(refuses([&] { index.add(hashes.get(), known, 3); }), "a known id in add");
    check(refuses([&] { index.add(hashes.get(), 1); }), "no id above the largest");
    check(refuses([&] { index.remove(unknown, 2); }), "an unknown id in remove");
    check(refuses([&] { index.remove(twice, 3); }), "an id twice in remove");
    check(content(index) == before, "a refusal changed the index");
}

// Every allocation of an add fails once: the index must be as before, and take the same add later.
void test_no_memory() {
    std::mt19937_64 rng(11);
    const Bytes hashes = random_bytes(40 * 32, rng);
    hamming::Index index(256, true);
    index.add(hashes.get(), 20);
    std::vector<std::int64_t> ids(20);
    for (std::int64_t i = 0; i < 20; ++i) ids[i] = 1000 + i;
    const std::vector<Key> before = content(index);
    long failed = 0;
    for (bool done = false; !done; ++failed) {
        allocations_left = failed;
        try {
            index.add(&hashes[20 * 32], ids.data(), 20);
            done = true;
        } catch (const std::bad_alloc&) {
        }
        allocations_left = -1;
        if (!done) {
            check(size_of(index) == 20 && content(index) == before,
                  "an add without memory changed the index");
        }
    }
    check(failed > 8, "too few allocations failed for this test to mean anything");
    check(size_of(index) == 40, "the add that had memory");
    for (std::int64_t i = 0; i < 20; ++i) {
        check(search(index, &hashes[(20 + i) * 32], 1, 0).ids == std::vector<std::int64_t>{1000 + i},
              "a hash that was added after failures");
    }
}

void test_cpu() {
    check(cpu::available().front() == cpu::Isa::serial, "serial is always there");
    for (const cpu::Isa isa : cpu::available()) {
        cpu::use(isa);
        check(cpu::active() == isa && cpu::parse(cpu::name(isa)) == isa, "the ISA asked for");
    }
    check(refuses([] { cpu::parse("AVX2"); }), "an unknown name");
#if defined(__x86_64__)
    check(refuses([] { cpu::use(cpu::Isa::neon); }), "an ISA that this CPU lacks");
#endif
}

}  // namespace

int main() {
    test_cpu();
    test_pdq();
    test_hamming();
    test_removal();
    test_refusals();
    test_no_memory();
    std::string names;
    for (const cpu::Isa isa : cpu::available()) names += std::string(" ") + cpu::name(isa);
    std::printf("%ld checks on%s, %ld failed\n", checks, names.c_str(), failures);
    return failures == 0 ? 0 : 1;
}
