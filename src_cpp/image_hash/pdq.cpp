#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

#include "hashmatch/pdq.hpp"
#include "image_hash/orientation.hpp"
#include "image_hash/pdq_coefficients.hpp"
#include "image_hash/pdq_reference.hpp"
#include "image_hash/reduction.hpp"
#include "image_hash/rounding.hpp"

namespace hashmatch::pdq {
namespace {

void check(const Pixels& pixels, int orientation = 0) {
    if (orientation < 0 || orientation >= orientations) {
        throw std::invalid_argument("orientation: expected 0..7, got " + std::to_string(orientation));
    }
    if (pixels.channels != 1 && pixels.channels != 3) {
        throw std::invalid_argument("pixels: expected 1 or 3 channels, got " +
                                    std::to_string(pixels.channels));
    }
    if (std::min(pixels.height, pixels.width) < min_side) {
        throw std::invalid_argument("pixels: expected both sides to be at least " +
                                    std::to_string(min_side) + ", got " + std::to_string(pixels.height) +
                                    " x " + std::to_string(pixels.width));
    }
}

Rows rows_of(const Pixels& pixels) {
    return {pixels.data, pixels.row_bytes(), pixels.row_bytes()};
}

/// Hash of a reduced picture, mirrored at its diagonal if `transpose`, if rounding can't change it.
std::optional<Hash> certain_hash(const Small& small, bool transpose, const Rounding& rounding) {
    const Coefficients upright = coefficients(small);
    const Bits found = bits(transpose ? transposed(upright) : upright);
    return found.gap > rounding.coefficient_gap ? std::optional(found.hash) : std::nullopt;
}

/// Quality of a reduced picture, if rounding can't change it.
std::optional<int> certain_quality(const Small& small, const Rounding& rounding) {
    const QualityRange range = quality_range(small, rounding.pixel);
    return range.low == range.high ? std::optional(range.low) : std::nullopt;
}

/// Whether the reference's noise is let be: a large picture whose quality is below the floor whatever
/// the rounding. Its hash is noise in the reference too and is never matched; running the reference's
/// operations for it would only let anybody make a check slow with a blank page.
bool let_be(const Pixels& pixels, const Small& small, const Rounding& rounding) {
    return pixels.height * pixels.width > chased_pixels &&
           quality_range(small, rounding.pixel).high < information_floor;
}

Result hash_of(const Small& small, bool transpose) {
    const Coefficients upright = coefficients(small);
    return {bits(transpose ? transposed(upright) : upright).hash, quality(small), false};
}

Result hash_by_reference(const Pixels& pixels, const Turn& turn) {
    return hash_of(reduce_reference(pixels, turn), false);
}

/// The shortcut that PDQ takes: a 64x64 picture is not filtered at all.
bool unfiltered(const Pixels& pixels) {
    return pixels.height == side && pixels.width == side;
}

}  // namespace

Result hash(const Pixels& pixels, int orientation) {
    check(pixels, orientation);
    const Turn& turn = turns[orientation];
    if (unfiltered(pixels)) return hash_by_reference(pixels, turn);
    Flips flips;
    reduce_bands(rows_of(pixels), Matrices(pixels.height, pixels.width, pixels.channels, turn), flips);
    const Rounding rounding = rounding_of(pixels);
    const auto value = certain_hash(flips.small[0][0], turn.transpose, rounding);
    const auto grade = value ? certain_quality(flips.small[0][0], rounding) : std::nullopt;
    if (grade) return {*value, *grade, true};
    if (let_be(pixels, flips.small[0][0], rounding)) return hash_of(flips.small[0][0], turn.transpose);
    return hash_by_reference(pixels, turn);
}

DihedralResult hash_dihedral(const Pixels& pixels, int quality_of) {
    check(pixels, quality_of);
    const Rounding rounding = rounding_of(pixels);
    Flips flips;
    if (!unfiltered(pixels))
        reduce_bands(rows_of(pixels), Matrices(pixels.height, pixels.width, pixels.channels), flips);
    const bool as_is = !unfiltered(pixels) && let_be(pixels, flips.small[0][0], rounding);
    DihedralResult result;
    for (int k = 0; k < orientations; ++k) {
        const Turn& turn = turns[k];
        if (!unfiltered(pixels)) {
            const Small& small = flips.small[turn.flip_rows][turn.flip_columns];
            const auto value = certain_hash(small, turn.transpose, rounding);
            const auto grade =
                k == quality_of ? certain_quality(small, rounding) : std::optional(result.quality);
            if (value && grade) {
                result.hashes[k] = *value;
                result.quality = *grade;
                ++result.certified;
                continue;
            }
        }
        const Result exact =
            as_is ? hash_of(flips.small[turn.flip_rows][turn.flip_columns], turn.transpose)
                  : hash_by_reference(pixels, turn);
        result.hashes[k] = exact.hash;
        if (k == quality_of) result.quality = exact.quality;
    }
    return result;
}

DihedralResult hash_cells(const Cells& cells) {
    const auto count = [&cells](std::int64_t n) { return (n + cells.scale - 1) / cells.scale; };
    if (cells.scale < 1 || cells.means.channels != 1 || cells.means.height != count(cells.full_height) ||
        cells.means.width != count(cells.full_width)) {
        throw std::invalid_argument("cells: expected grey means of cells of the full picture");
    }
    if (std::min(cells.full_height, cells.full_width) < min_side) {
        throw std::invalid_argument("cells: the full picture is too small");
    }
    Flips flips;
    reduce_bands(rows_of(cells.means), Matrices(cells), flips);
    DihedralResult result;
    result.quality = quality(flips.small[0][0]);
    for (int k = 0; k < orientations; ++k) {
        const Turn& turn = turns[k];
        const Coefficients upright = coefficients(flips.small[turn.flip_rows][turn.flip_columns]);
        result.hashes[k] = bits(turn.transpose ? transposed(upright) : upright).hash;
    }
    return result;
}

Result hash_reference(const Pixels& pixels) {
    check(pixels);
    return hash_by_reference(pixels, turns[0]);
}

Small small_from_bands(const Pixels& pixels) {
    check(pixels);
    Flips flips;
    reduce_bands(rows_of(pixels), Matrices(pixels.height, pixels.width, pixels.channels, turns[0]),
                 flips);
    return flips.small[0][0];
}

Small small_from_reference(const Pixels& pixels) {
    check(pixels);
    return reduce_reference(pixels, turns[0]);
}

}  // namespace hashmatch::pdq
