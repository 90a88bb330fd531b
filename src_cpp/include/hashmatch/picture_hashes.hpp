// The classic perceptual hashes, each bit for bit what the package gives that people's stored values
// come from: imagehash 4.3 (average, difference, frequency, wavelet) and blockhash-python.
//
// Each result says how many of its bits are firm: decided by a difference that a faint change of the
// picture does not turn over. docs/hashes.md defines the hashes and the steps, one section each.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hashmatch/pdq.hpp"

namespace hashmatch::picture {

using pdq::Pixels;

struct Result {
    std::array<std::uint8_t, 32> bytes{};  // in the order of the hash's hex text
    int n_bytes = 0;
    int firm_bits = 0;

    int quality() const { return 100 * firm_bits / (8 * n_bytes); }
};

/// imagehash.average_hash: 64 bits. All of these throw std::invalid_argument for an empty picture or
/// channels other than 1 and 3.
Result average(const Pixels& pixels);

/// imagehash.dhash: 64 bits.
Result difference(const Pixels& pixels);

/// imagehash.phash: side 8 (64 bits) or 16 (256 bits), highfreq_factor 4.
Result frequency(const Pixels& pixels, int side);

/// imagehash.whash: 64 bits, mode "haar", largest power of two as scale, lowest LL removed.
Result wavelet(const Pixels& pixels);

/// The side of the square that whash reduces a picture to; the largest power of two in the shorter side,
/// at least 8.
std::int64_t wavelet_scale(const Pixels& pixels);

constexpr std::int64_t blockhash_min_side = 16;

/// blockhash-python's blockhash_even (quick) and blockhash (precise), 16 blocks a side: 256 bits. Both
/// throw std::invalid_argument for a side below blockhash_min_side too.
Result blockhash_quick(const Pixels& pixels);
Result blockhash_precise(const Pixels& pixels);

/// Luma as Pillow's convert("L") gives it, then Pillow's LANCZOS resize: height * width bytes.
std::vector<std::uint8_t> reduced_luma(const Pixels& pixels, std::int64_t height, std::int64_t width);

/// The picture that Meta's C++ tool and WASM build hash in place of one with a side over `limit`:
/// limit x limit, nearest neighbour, aspect not kept.
constexpr std::int64_t stretch_limit = 512;
bool is_stretched(const Pixels& pixels);
std::vector<std::uint8_t> stretched(const Pixels& pixels);

}  // namespace hashmatch::picture
