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

/// PDQ does not filter a picture of 64 x 64: its luma is the reduced picture.
void copy_unfiltered(const Plane& plane, Flips& out) {
    const std::int64_t n = plane.width * plane.channels;
    std::vector<std::uint8_t> packed(n * side);
    for (std::int64_t y = 0; y < side; ++y) {
        for (std::int64_t x = 0; x < n; ++x) {
            const std::uint8_t value = plane.data[y * plane.stride + x];
            packed[y * n + x] = is_limited(plane) ? std::clamp(value, black, white) : value;
        }
    }
    const Pixels pixels{packed.data(), side, side, plane.channels};
    for (const int flip_rows : {0, 1}) {
        for (const int flip_columns : {0, 1}) {
            const Turn turn{false, flip_rows == 1, flip_columns == 1};
            out.small[flip_rows][flip_columns] = reduce_reference(pixels, turn);
        }
    }
}

/// The reduced pictures of all flips, or in [0][0] that of one turn.
void reduce_any(const Plane& plane, const Matrices& matrices, Flips& out) {
    const Rows rows{plane.data, plane.width * plane.channels, plane.stride};
    if (is_limited(plane)) {
        reduce_clipped(rows, black, white, matrices, out);
    } else {
        reduce_bands(rows, matrices, out);
    }
}

/// The reduced pictures, stretched to full range where the plane's is limited. Black's offset is left:
/// no coefficient and no difference depends on it.
void reduce(const Plane& plane, const Turn& turn, bool all, Flips& out) {
    if (plane.height == side && plane.width == side) {
        copy_unfiltered(plane, out);
        if (!all) out.small[0][0] = out.small[turn.flip_rows][turn.flip_columns];
    } else if (all) {
        reduce_any(plane, Matrices(plane.height, plane.width, plane.channels), out);
    } else {
        reduce_any(plane, Matrices(plane.height, plane.width, plane.channels, turn), out);
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
