#include "hashmatch/pdq_plane.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "image_hash/orientation.hpp"
#include "image_hash/pdq_coefficients.hpp"
#include "image_hash/pdq_reference.hpp"
#include "image_hash/reduction.hpp"

namespace hashmatch::pdq {
namespace {

constexpr std::uint8_t black = 16;   // of limited range
constexpr std::uint8_t white = 235;  // of limited range
constexpr float to_full_range = 255.0F / (white - black);

void check(const Plane& plane, int orientation) {
    if (orientation < 0 || orientation >= orientations) {
        throw std::invalid_argument("orientation: expected 0..7, got " + std::to_string(orientation));
    }
    if (plane.channels != 1 && plane.channels != 3) {
        throw std::invalid_argument("pixels: expected 1 or 3 channels, got " +
                                    std::to_string(plane.channels));
    }
    if (std::min(plane.height, plane.width) < min_side) {
        throw std::invalid_argument("pixels: expected both sides to be at least " +
                                    std::to_string(min_side) + ", got " + std::to_string(plane.height) +
                                    " x " + std::to_string(plane.width));
    }
    if (plane.stride < plane.width * plane.channels) {
        throw std::invalid_argument("pixels: expected a stride of at least a row");
    }
}

bool is_limited(const Plane& plane) {
    return plane.channels == 1 && !plane.full_range;
}

/// Whether any sample lies where conversion to RGB would clip it. Most videos have none.
bool has_beyond_range(const Plane& plane) {
    for (std::int64_t y = 0; y < plane.height; ++y) {
        const std::uint8_t* row = plane.data + y * plane.stride;
        std::uint8_t low = white;
        std::uint8_t high = black;
        for (std::int64_t x = 0; x < plane.width; ++x) {
            low = std::min(low, row[x]);
            high = std::max(high, row[x]);
        }
        if (low < black || high > white) return true;
    }
    return false;
}

/// The samples to be reduced: the plane's own, or a clipped copy of them in `clipped`.
Rows rows_of(const Plane& plane, std::vector<std::uint8_t>& clipped) {
    const std::int64_t n = plane.width * plane.channels;
    if (!is_limited(plane) || !has_beyond_range(plane)) return {plane.data, n, plane.stride};
    clipped.resize(n * plane.height);
    for (std::int64_t y = 0; y < plane.height; ++y) {
        const std::uint8_t* in = plane.data + y * plane.stride;
        std::uint8_t* out = &clipped[y * n];
        for (std::int64_t x = 0; x < n; ++x) out[x] = std::clamp(in[x], black, white);
    }
    return {clipped.data(), n, n};
}

/// PDQ does not filter a picture of 64 x 64: its luma is the reduced picture.
void copy_unfiltered(const Plane& plane, const Rows& rows, Flips& out) {
    std::vector<std::uint8_t> packed(rows.n_bytes * side);
    for (std::int64_t y = 0; y < side; ++y) {
        std::copy_n(rows.data + y * rows.stride, rows.n_bytes, &packed[y * rows.n_bytes]);
    }
    const Pixels pixels{packed.data(), side, side, plane.channels};
    for (const int flip_rows : {0, 1}) {
        for (const int flip_columns : {0, 1}) {
            const Turn turn{false, flip_rows == 1, flip_columns == 1};
            out.small[flip_rows][flip_columns] = reduce_reference(pixels, turn);
        }
    }
}

/// The reduced pictures, stretched to full range where the plane's is limited. Black's offset is left:
/// no coefficient and no difference depends on it.
void reduce(const Plane& plane, const Turn& turn, bool all, Flips& out) {
    std::vector<std::uint8_t> clipped;
    const Rows rows = rows_of(plane, clipped);
    if (plane.height == side && plane.width == side) {
        copy_unfiltered(plane, rows, out);
        if (!all) out.small[0][0] = out.small[turn.flip_rows][turn.flip_columns];
    } else if (all) {
        reduce_bands(rows, Matrices(plane.height, plane.width, plane.channels), out);
    } else {
        reduce_bands(rows, Matrices(plane.height, plane.width, plane.channels, turn), out);
    }
    if (!is_limited(plane)) return;
    for (auto& row : out.small) {
        for (Small& small : row) {
            for (float& value : small) value *= to_full_range;
        }
    }
}

}  // namespace

Result hash_plane(const Plane& plane, int orientation) {
    check(plane, orientation);
    const Turn& turn = turns[orientation];
    Flips flips{};
    reduce(plane, turn, false, flips);
    const Coefficients upright = coefficients(flips.small[0][0]);
    return {bits(turn.transpose ? transposed(upright) : upright).hash, quality(flips.small[0][0]),
            false};
}

DihedralResult hash_plane_dihedral(const Plane& plane, int quality_of) {
    check(plane, quality_of);
    Flips flips{};
    reduce(plane, turns[0], true, flips);
    DihedralResult result;
    // Each flip's coefficients serve the turn that transposes it, too.
    std::array<std::array<Coefficients, 2>, 2> upright;
    for (const int flip_rows : {0, 1}) {
        for (const int flip_columns : {0, 1}) {
            upright[flip_rows][flip_columns] = coefficients(flips.small[flip_rows][flip_columns]);
        }
    }
    for (int k = 0; k < orientations; ++k) {
        const Turn& turn = turns[k];
        const Coefficients& values = upright[turn.flip_rows][turn.flip_columns];
        result.hashes[k] = bits(turn.transpose ? transposed(values) : values).hash;
        if (k == quality_of) result.quality = quality(flips.small[turn.flip_rows][turn.flip_columns]);
    }
    return result;
}

Coefficients plane_coefficients(const Plane& plane) {
    check(plane, 0);
    Flips flips{};
    reduce(plane, turns[0], false, flips);
    return coefficients(flips.small[0][0]);
}

}  // namespace hashmatch::pdq
