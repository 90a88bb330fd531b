// blockhash: means of 16x16 blocks, each against the median of its band of four rows of blocks.
//
// Source  B. Yang, F. Gu, X. Niu, "Block mean value based image perceptual hashing", 2006, as Commons
//         Machinery's blockhash-python defines it. It weighs a pixel that straddles blocks by sixteenths
//         on each axis, so sums in units of 1/256 are whole numbers, and equal its float64 ones.
#include <algorithm>
#include <array>

#include "image_hash/reduced_luma.hpp"

namespace hashmatch::picture {
namespace {

constexpr int blocks = 16;
constexpr int bands = 4;
constexpr int unit = 16;  // weight of a whole sample on one axis

/// Grey levels between a block's mean and its band's median that decide a bit firmly.
constexpr std::int64_t firm_from_median = 2;

struct Run {
    std::int64_t begin;
    std::int64_t end;
    int block;
};

struct Straddler {
    std::int64_t at;
    int first;
    int second;
    int second_weight;  // of `unit`
};

/// How the samples of one axis fall into blocks.
struct Division {
    std::array<Run, blocks> runs{};  // whole samples
    std::vector<Straddler> straddlers;
};

/// Equal blocks of n / 16 samples; the rest is left out.
Division quick(std::int64_t n) {
    Division result;
    const std::int64_t length = n / blocks;
    for (int b = 0; b < blocks; ++b) result.runs[b] = {b * length, (b + 1) * length, b};
    return result;
}

/// Blocks of n / 16 samples, fractions and all. A sample belongs to one block unless it is the first one
/// that ends behind a boundary: that one is shared by how far it reaches over.
Division precise(std::int64_t n) {
    if (n % blocks == 0) return quick(n);
    Division result;
    // The straddler of boundary b is the first sample that ends at or behind it; `over` is how far, in
    // sixteenths.
    const auto straddler = [n](int b) { return (b * n + blocks - 1) / blocks - 1; };
    for (int b = 0; b < blocks; ++b) {
        const std::int64_t begin = b == 0 ? 0 : straddler(b) + 1;
        result.runs[b] = {begin, b + 1 == blocks ? n : straddler(b + 1), b};
        if (b == 0) continue;
        const std::int64_t over = blocks * begin - b * n;
        result.straddlers.push_back({begin - 1, b - 1, b, static_cast<int>(over)});
    }
    return result;
}

std::int64_t sum_of(const std::uint8_t* bytes, std::int64_t n) {
    std::int64_t total = 0;
    constexpr std::int64_t chunk = 1 << 16;  // 32-bit sums in between, which vectorise
    for (std::int64_t start = 0; start < n; start += chunk) {
        std::uint32_t sum = 0;
        const std::int64_t end = std::min(n, start + chunk);
        for (std::int64_t i = start; i < end; ++i) sum += bytes[i];
        total += sum;
    }
    return total;
}

/// R + G + B of the row by block, times unit. Grey counts three times.
std::array<std::int64_t, blocks> row_sums(const std::uint8_t* row, int channels,
                                          const Division& across) {
    const int times = channels == 1 ? 3 : 1;
    std::array<std::int64_t, blocks> sums{};
    for (const Run& run : across.runs) {
        sums[run.block] +=
            unit * times * sum_of(row + run.begin * channels, (run.end - run.begin) * channels);
    }
    for (const Straddler& shared : across.straddlers) {
        const std::int64_t value = times * sum_of(row + shared.at * channels, channels);
        sums[shared.first] += value * (unit - shared.second_weight);
        sums[shared.second] += value * shared.second_weight;
    }
    return sums;
}

using Sums = std::array<std::int64_t, blocks * blocks>;

Sums block_sums(const Pixels& pixels, const Division& down, const Division& across) {
    Sums sums{};
    const auto add = [&](int block, int weight, const auto& row) {
        for (int b = 0; b < blocks; ++b) sums[block * blocks + b] += weight * row[b];
    };
    const auto row = [&](std::int64_t y) {
        return row_sums(pixels.data + y * pixels.row_bytes(), pixels.channels, across);
    };
    for (const Run& run : down.runs) {
        for (std::int64_t y = run.begin; y < run.end; ++y) add(run.block, unit, row(y));
    }
    for (const Straddler& shared : down.straddlers) {
        const auto values = row(shared.at);
        add(shared.first, unit - shared.second_weight, values);
        add(shared.second, shared.second_weight, values);
    }
    return sums;
}

/// area: pixels a block, times 256, which is the unit of the sums.
Result bits_of(const Sums& sums, std::int64_t area) {
    constexpr int band = blocks * blocks / bands;
    Bits bits(blocks * blocks);
    for (int start = 0; start < blocks * blocks; start += band) {
        std::array<std::int64_t, band> order;
        std::copy_n(sums.begin() + start, band, order.begin());
        std::sort(order.begin(), order.end());
        const std::int64_t twice_median = order[band / 2 - 1] + order[band / 2];
        // Where a band is dominated by one value, its blocks follow the value: bright ones are 1.
        const bool bright = twice_median > area * 256 * 3;
        for (int i = start; i < start + band; ++i) {
            const std::int64_t gap = 2 * sums[i] - twice_median;
            const std::int64_t magnitude = gap < 0 ? -gap : gap;
            const bool near = magnitude < 2 * unit * unit;  // less than 1 of blockhash-python's units
            bits.add(gap > 0 || (near && bright), magnitude >= 2 * 3 * firm_from_median * area);
        }
    }
    return bits.result();
}

}  // namespace

Result blockhash_quick(const Pixels& pixels) {
    check(pixels, blockhash_min_side);
    const Sums sums = block_sums(pixels, quick(pixels.height), quick(pixels.width));
    return bits_of(sums, unit * unit * (pixels.height / blocks) * (pixels.width / blocks));
}

Result blockhash_precise(const Pixels& pixels) {
    check(pixels, blockhash_min_side);
    const Sums sums = block_sums(pixels, precise(pixels.height), precise(pixels.width));
    return bits_of(sums, pixels.height * pixels.width);
}

}  // namespace hashmatch::picture
