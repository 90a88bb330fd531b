// Multi-index tables against naive loops: every shape, radii, hostile distributions, pairs.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "hashmatch/cpu.hpp"
#include "hashmatch/hamming_index.hpp"
#include "hashmatch/hamming_pairs.hpp"

namespace cpu = hashmatch::cpu;
using namespace hashmatch::hamming;

namespace {

int checks = 0;

void check(bool holds, const std::string& what) {
    ++checks;
    if (holds) return;
    std::fprintf(stderr, "FAILED: %s\n", what.c_str());
    std::exit(1);
}

using Bytes = std::vector<std::uint8_t>;
using Key = std::tuple<int, std::int64_t>;  // (distance, id)
using Pair = std::tuple<std::int64_t, std::int64_t, int>;

int naive_distance(const std::uint8_t* a, const std::uint8_t* b, int n_bytes) {
    int sum = 0;
    for (int i = 0; i < n_bytes; ++i) sum += std::popcount(static_cast<unsigned>(a[i] ^ b[i]));
    return sum;
}

// Random hashes, most of them near earlier ones, in one of three ways.
Bytes problem(int n_bytes, int n, int kind, std::mt19937_64& rng) {
    Bytes hashes(static_cast<std::size_t>(n) * n_bytes);
    for (auto& byte : hashes) byte = static_cast<std::uint8_t>(rng());
    for (int i = 1; i < n; ++i) {
        std::uint8_t* own = &hashes[static_cast<std::size_t>(i) * n_bytes];
        if (rng() % 4 == 0) continue;
        const std::size_t from = kind == 2 ? 0 : rng() % i;  // 2: half the base near one value
        std::copy_n(&hashes[from * n_bytes], n_bytes, own);
        const int turned = static_cast<int>(rng() % (n_bytes * 2));
        const int first = static_cast<int>(rng() % (n_bytes * 8));
        for (int k = 0; k < turned; ++k) {  // 1: all in neighbouring bits
            const int bit =
                kind == 1 ? (first + k) % (n_bytes * 8) : static_cast<int>(rng() % (n_bytes * 8));
            own[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        }
    }
    return hashes;
}

Snapshot snapshot_of(const Layout& layout, const Bytes& hashes, int n, const TableShape& shape) {
    std::vector<std::int64_t> ids(n);
    std::iota(ids.begin(), ids.end(), 100);
    auto segment = std::make_shared<Segment>(*make_segment(layout, hashes.data(), ids.data(), n, false));
    segment->tables = build_tables(layout, segment->planes(), shape);
    check(sound(*segment), "a segment just built is sound");
    return {layout, {Part{segment, nullptr}}};
}

void check_shape(int bits, int n, int chunks, int key_bits, int kind, std::mt19937_64& rng) {
    const TableShape shape = table_shape(bits, n, chunks, key_bits);
    if (shape.chunks == 0) return;
    const Layout layout(bits);
    const int n_bytes = bits / 8;
    const Bytes hashes = problem(n_bytes, n, kind, rng);
    const Snapshot snapshot = snapshot_of(layout, hashes, n, shape);
    const std::string where = std::to_string(bits) + " bits, " + std::to_string(n) + " hashes, " +
                              std::to_string(chunks) + " chunks, keys of " + std::to_string(key_bits);
    for (const cpu::Isa isa : cpu::available()) {
        cpu::use(isa);
        for (const int radius : {0, 1, chunks - 1, chunks, bits / 8, 2 * chunks + 1, 5 * chunks - 1}) {
            for (int q = 0; q < std::min(n, 12); ++q) {
                const std::uint8_t* query = &hashes[static_cast<std::size_t>(q * 7 % n) * n_bytes];
                std::vector<Key> expected;
                for (int i = 0; i < n; ++i) {
                    const int d =
                        naive_distance(query, &hashes[static_cast<std::size_t>(i) * n_bytes], n_bytes);
                    if (d <= radius) expected.emplace_back(d, 100 + i);
                }
                std::sort(expected.begin(), expected.end());
                Work work;
                const SearchResult found =
                    range_search(snapshot, query, 1, {radius, false, 0}, {Strategy::probe, 1}, work);
                std::vector<Key> keys;
                for (std::size_t h = 0; h < found.ids.size(); ++h) {
                    keys.emplace_back(found.distances[h], found.ids[h]);
                }
                check(keys == expected, "range_search with tables: " + where);
                const bool coverable = radius < 5 * chunks;  // key radii go up to 4
                check((work.scanned == 0) == coverable, "who was asked: " + where);
            }
        }
    }
}

void check_pairs(int bits, int n, int kind, bool removed, std::mt19937_64& rng) {
    const TableShape shape = table_shape(bits, n, 4, std::min(6, bits / 4));
    if (shape.chunks == 0) return;
    const Layout layout(bits);
    const int n_bytes = bits / 8;
    const Bytes hashes = problem(n_bytes, n, kind, rng);
    Snapshot snapshot = snapshot_of(layout, hashes, n, shape);
    std::set<int> gone;
    if (removed) {
        auto tombstones = std::make_shared<Tombstones>(n);
        for (int i = 0; i < n; i += 5) {
            tombstones->set(i);
            gone.insert(i);
        }
        snapshot.parts[0].removed = tombstones;
    }
    for (const int radius : {0, 2, bits / 8, bits / 2, bits}) {
        std::vector<Pair> expected;
        for (int i = 0; i < n; ++i) {
            for (int j = i + 1; j < n; ++j) {
                const int d = naive_distance(&hashes[static_cast<std::size_t>(i) * n_bytes],
                                             &hashes[static_cast<std::size_t>(j) * n_bytes], n_bytes);
                if (d <= radius && !gone.contains(i) && !gone.contains(j)) {
                    expected.emplace_back(100 + i, 100 + j, d);
                }
            }
        }
        for (const std::int64_t wanted : {1, 17, 1 << 20}) {
            PairCursor cursor(snapshot, radius);
            std::vector<Pair> found;
            for (;;) {
                PairBlock block;
                while (!cursor.advance(wanted, block)) {
                }
                if (block.size() == 0) break;
                check(block.size() < wanted + 6 * n, "a block is about as large as asked");
                for (std::int64_t p = 0; p < block.size(); ++p) {
                    found.emplace_back(block.first[p], block.second[p], block.distances[p]);
                }
            }
            std::sort(found.begin(), found.end());
            check(found == expected, "pairs, radius " + std::to_string(radius));
        }
    }
}

void check_layout(std::mt19937_64& rng) {
    for (const int bits : {8, 64, 72, 256, 264}) {
        const Layout layout(bits);
        for (int turn = 0; turn < 50; ++turn) {
            Bytes hash(bits / 8), back(bits / 8);
            for (auto& byte : hash) byte = static_cast<std::uint8_t>(rng());
            std::vector<std::uint64_t> words(layout.words()), spread(layout.words());
            layout.pack(hash.data(), words.data());
            layout.unpack(words.data(), back.data());
            check(back == hash, "unpack(pack(hash))");
            layout.spread(words.data(), spread.data());
            int weight = 0;
            for (const std::uint64_t word : spread) weight += std::popcount(word);
            check(weight == naive_distance(hash.data(), Bytes(bits / 8, 0).data(), bits / 8),
                  "spread keeps every bit");
        }
    }
    // PDQ: bit k stands in byte 31 - k / 8; row k / 16, column k % 16. Word 0 has rows and columns below
    // 8.
    const Layout layout(256);
    for (int k = 0; k < 256; ++k) {
        Bytes hash(32, 0);
        hash[31 - k / 8] = static_cast<std::uint8_t>(1U << (k % 8));
        std::uint64_t words[4], spread[4];
        layout.pack(hash.data(), words);
        layout.spread(words, spread);
        const int row = k / 16, column = k % 16;
        check((words[0] != 0) == (row < 8 && column < 8), "the first word has the low frequencies");
        // Byte t of a word is row 7 - t; its 8x8 bits are taken by diagonals.
        const int t = 7 - row % 8;
        const int diagonal = (column % 8 - t + 8) % 8;
        const int place = (row < 8 ? 0 : 128) + 16 * diagonal + (column < 8 ? 0 : 8) + t;
        check((spread[place / 64] >> (place % 64) & 1) == 1, "the place of a bit in the spread");
    }
}

}  // namespace

int main() {
    std::mt19937_64 rng(20261125);
    check_layout(rng);
    for (const int bits : {16, 64, 72, 256, 1024}) {
        for (const int n : {2, 3, 40, 300}) {
            for (int kind = 0; kind < 3; ++kind) {
                for (const int chunks : {2, 3, 8, 16, 32}) {
                    for (const int key_bits : {1, 4, 7})
                        check_shape(bits, n, chunks, key_bits, kind, rng);
                }
                check_pairs(bits, n, kind, false, rng);
                check_pairs(bits, n, kind, true, rng);
            }
        }
    }
    std::printf("hamming tables: %d checks\n", checks);
}
