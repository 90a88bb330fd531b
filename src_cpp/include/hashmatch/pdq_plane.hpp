// PDQ of a decoder's planes: rows that may be padded, luma of limited range.
//
// The reference converts each frame to RGB and weighs luma out of it again, which gives the Y plane back
// but for rounding. So the plane itself is hashed, at the bands' precision: there are no reference bits
// to be certified against.
#pragma once

#include <cstdint>

#include "hashmatch/pdq.hpp"

namespace hashmatch::pdq {

/// 8-bit samples of a frame as a decoder stores them: luma (channels 1) or RGB (channels 3).
struct Plane {
    const std::uint8_t* data;
    std::int64_t height;
    std::int64_t width;
    std::int64_t stride;  // bytes from one row to the next, at least width * channels
    int channels;
    bool full_range;  // of luma: 0..255; else 16..235, beyond which conversion to RGB clips
};

/// Hash and quality of the plane in one of the eight orientations (the order of DihedralResult). Throws
/// std::invalid_argument for a side below min_side, a stride below a row, or channels other than 1
/// and 3.
Result hash_plane(const Plane& plane, int orientation = 0);

/// All eight; `quality` is of the row `quality_of`. Throws as hash_plane() does.
DihedralResult hash_plane_dihedral(const Plane& plane, int quality_of = 0);

/// The 256 coefficients that a frame's bits are the signs of, [vertical][horizontal]: TMK+PDQF's frame
/// feature where the plane is 64 x 64 RGB. Throws as hash_plane() does.
Coefficients plane_coefficients(const Plane& plane);

}  // namespace hashmatch::pdq
