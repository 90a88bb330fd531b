// The loops of probe_kernels.hpp as plain code, for each ISA's file to compile in its own target region.
// Everything is in an unnamed namespace, so that no copy can stand in for another ISA's.
#pragma once

#include <cstdint>

#include "hamming/probe_kernels.hpp"

namespace hashmatch::hamming {
namespace {

// Hashes whose lines are asked for before their turn; about what one core keeps in flight.
constexpr std::int64_t ahead = 24;

inline std::int64_t narrow_plain(const Bucket* buckets, std::int64_t n, int position_bits,
                                 std::uint32_t* out) {
    const std::uint32_t mask = (std::uint32_t{1} << position_bits) - 1;
    std::int64_t found = 0;
    for (std::int64_t b = 0; b < n; ++b) {
        const Bucket& bucket = buckets[b];
        for (std::uint32_t i = 0; i < bucket.size; ++i) {
            const std::uint32_t entry = bucket.entries[i];
            const std::uint32_t apart = (entry ^ bucket.extra) & ~mask;
            out[found] = entry & mask;
            found += (__builtin_popcount(apart & bucket.own_mask) <= bucket.own_allowed) &
                     (__builtin_popcount(apart) <= bucket.all_allowed);
        }
    }
    return found;
}

// Words: the number of words if it is known at compile time, else 0.
template <int Words>
std::int64_t verify_as(const Planes& planes, const std::uint64_t* query, const std::uint32_t* positions,
                       std::int64_t n, int max_distance, std::int32_t query_number, Hit* out) {
    const int words = Words != 0 ? Words : planes.words;
    const auto place = [&](std::int64_t i) {
        const std::uint64_t position = positions[i];
        return planes.blocks + position / block_hashes * block_hashes * words + position % block_hashes;
    };
    std::int64_t found = 0;
    for (std::int64_t i = 0; i < n; ++i) {
        if (i + ahead < n) {
            const std::uint64_t* next = place(i + ahead);
            __builtin_prefetch(next);
            if (words > 1) __builtin_prefetch(next + block_hashes);
        }
        const std::uint64_t* hash = place(i);
        int distance = 0;
        int w = 0;
        // Unrelated hashes are mostly out after two words.
        for (; w < words && w < 2; ++w) {
            distance += __builtin_popcountll(hash[w * block_hashes] ^ query[w]);
        }
        if (distance > max_distance) continue;
        for (; w < words; ++w) distance += __builtin_popcountll(hash[w * block_hashes] ^ query[w]);
        if (distance > max_distance) continue;
        out[found++] = {query_number, distance, static_cast<std::int64_t>(positions[i])};
    }
    return found;
}

inline std::int64_t verify_plain(const Planes& planes, const std::uint64_t* query,
                                 const std::uint32_t* positions, std::int64_t n, int max_distance,
                                 std::int32_t query_number, Hit* out) {
    const auto chosen = planes.words == 4 ? verify_as<4> : verify_as<0>;
    return chosen(planes, query, positions, n, max_distance, query_number, out);
}

}  // namespace
}  // namespace hashmatch::hamming
