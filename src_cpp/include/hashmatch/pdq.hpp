// PDQ: the 256-bit perceptual hash of Meta's ThreatExchange, bit-exact with its reference.
//
// The 64x64 picture that PDQ's two box filters and decimation give is one banded matrix per axis
// (bands.hpp), computed here in exact integers at memory speed. The reference reaches the same numbers
// through running float32 sums, which carry rounding noise. So a hash from the bands is *certified*:
// where the noise could change a bit or the quality, the reference's own float32 operations are run
// instead, in their order (pdq_reference.hpp). How much noise there can be is measured, not proven:
// no picture of the corpus and of the synthetic kinds differs, but pixels chosen one by one so that
// every rounding goes the same way can take a certified hash a few bits from the reference's
// (rounding.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace hashmatch::pdq {

constexpr int side = 64;         // of the reduced picture
constexpr int frequencies = 16;  // kept on each axis, DC excluded
constexpr int hash_bytes = 32;
constexpr int orientations = 8;
constexpr std::int64_t min_side = 5;  // below it PDQ has no hash

/// Quality below which PDQ's authors discard a hash. A picture of more than chased_pixels whose quality
/// is below it keeps the bands' hash: its bits are noise in the reference too, and are never matched.
constexpr int information_floor = 50;
constexpr std::int64_t chased_pixels = std::int64_t{1} << 20;

/// 8-bit pixels, rows top to bottom, packed: grey (channels 1) or RGB (channels 3).
struct Pixels {
    const std::uint8_t* data;
    std::int64_t height;
    std::int64_t width;
    int channels;

    std::int64_t row_bytes() const { return width * channels; }
};

/// A picture of which only the means of square cells are known, as a scaled JPEG decode gives them; the
/// last cell of an axis may be a part of one.
struct Cells {
    Pixels means;  // grey
    std::int64_t full_height;
    std::int64_t full_width;
    std::int64_t scale;  // side of a cell in samples
};

using Hash = std::array<std::uint8_t, hash_bytes>;                  // in the order of PDQ's hex text
using Small = std::array<float, side * side>;                       // the reduced picture, row-major
using Coefficients = std::array<float, frequencies * frequencies>;  // [vertical][horizontal]

struct Result {
    Hash hash{};
    int quality = 0;
    bool certified = false;  // false: the reference's own operations were needed, or let be
};

struct DihedralResult {
    // original, rotate90, rotate180, rotate270, flip_x, flip_y, flip_plus1, flip_minus1
    std::array<Hash, orientations> hashes{};
    int quality = 0;    // of the row that was asked for
    int certified = 0;  // rows that did not need the reference's own operations
};

/// Hash of the pixels in one of the eight orientations (the order of DihedralResult), without a turned
/// copy of them. Throws std::invalid_argument for a side below min_side or channels other than 1 and 3.
Result hash(const Pixels& pixels, int orientation = 0);

/// Hashes of the eight really re-oriented pictures: row k equals hash() of the turned pixels.
/// quality_of: the row whose quality is wanted. Throws as hash() does.
DihedralResult hash_dihedral(const Pixels& pixels, int quality_of = 0);

/// Hashes of the full picture's eight orientations from its cells: a few bits from hash_dihedral(), far
/// nearer than the hash of the small picture. Not certified: there is no reference for it. Throws
/// std::invalid_argument if the sizes contradict each other or a full side is below min_side.
DihedralResult hash_cells(const Cells& cells);

/// The reference's own operations only; slow, the oracle that the certified path falls back on.
Result hash_reference(const Pixels& pixels);

/// The 64x64 pictures of both paths, for measuring how far rounding takes them apart.
Small small_from_bands(const Pixels& pixels);
Small small_from_reference(const Pixels& pixels);

}  // namespace hashmatch::pdq
