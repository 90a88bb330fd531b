#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

#include "hashmatch/pdq.hpp"
#include "image_hash/bands.hpp"
#include "image_hash/columns.hpp"
#include "image_hash/orientation.hpp"
#include "image_hash/pdq_coefficients.hpp"
#include "image_hash/pdq_reference.hpp"
#include "image_hash/rounding.hpp"

namespace hashmatch::pdq {
namespace {

void check(const Pixels& pixels) {
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

/// One band's weighted sum of rows; `row` gets the sums, the return value is what to multiply them by.
float reduce_rows(const Pixels& pixels, const Bands& bands, int i, const Kernels& kernels,
                  std::vector<float>& row) {
    const Band& band = bands.rows[i];
    const std::int64_t n = pixels.row_bytes();
    const std::uint8_t* first = pixels.data + band.first * n;
    if (band.whole) {
        kernels.sum_columns(first, n, band.count, &bands.whole[band.offset], row.data());
        return band.scale;
    }
    // Elementwise in a fixed order: the same at any vector width.
    std::fill(row.begin(), row.begin() + n, 0.0F);
    for (std::int64_t r = 0; r < band.count; ++r) {
        const float weight = bands.weights[band.offset + r];
        const std::uint8_t* in = first + r * n;
        for (std::int64_t x = 0; x < n; ++x) row[x] += weight * static_cast<float>(in[x]);
    }
    return band.scale;
}

/// Reduced pictures of the four flips, indexed [flip_rows][flip_columns]; `all` false: only the first.
struct Flips {
    std::array<std::array<Small, 2>, 2> small;
};

/// The matrices of both axes, as they are and, if `all`, read backwards.
struct Matrices {
    std::vector<Bands> vertical;
    std::vector<Projection> horizontal;

    Matrices(const Pixels& pixels, bool all) {
        for (const bool flip : {false, true}) {
            if (flip && !all) break;
            vertical.emplace_back(pixels.height, flip);
            horizontal.emplace_back(Bands(pixels.width, flip), pixels.channels);
        }
    }

    explicit Matrices(const Cells& cells) {
        for (const bool flip : {false, true}) {
            vertical.emplace_back(Bands(cells.full_height, flip), cells.scale);
            horizontal.emplace_back(Bands(Bands(cells.full_width, flip), cells.scale), 1);
        }
    }
};

void reduce_bands(const Pixels& pixels, const Matrices& matrices, Flips& out) {
    const Kernels& kernels = kernels_for(cpu::active());
    const auto& [vertical, horizontal] = matrices;
    const int n_flips = static_cast<int>(vertical.size());
    std::vector<float> row(pixels.row_bytes() + Projection::step, 0.0F);
    for (int i = 0; i < side; ++i) {
        for (int flip = 0; flip < n_flips; ++flip) {
            // The flipped matrix's row 63-i reads nearly the same samples: they are still in the cache.
            const int band = flip == 0 ? i : side - 1 - i;
            const float scale = reduce_rows(pixels, vertical[flip], band, kernels, row);
            for (int column_flip = 0; column_flip < n_flips; ++column_flip) {
                float* line = &out.small[flip][column_flip][band * side];
                kernels.project(row.data(), horizontal[column_flip], line);
                for (int j = 0; j < side; ++j) line[j] *= scale;
            }
        }
    }
}

/// Hash and quality of a reduced picture, if rounding can change neither.
std::optional<Result> certify(const Small& small, const Rounding& rounding) {
    const Bits found = bits(coefficients(small));
    if (found.gap <= rounding.coefficient_gap) return std::nullopt;
    const QualityRange range = quality_range(small, rounding.pixel);
    if (range.low != range.high) return std::nullopt;
    return Result{found.hash, range.low, true};
}

/// The shortcut that PDQ takes: a 64x64 picture is not filtered at all.
bool unfiltered(const Pixels& pixels) {
    return pixels.height == side && pixels.width == side;
}

}  // namespace

Result hash(const Pixels& pixels) {
    check(pixels);
    if (unfiltered(pixels)) return hash_reference(pixels);
    Flips flips;
    reduce_bands(pixels, Matrices(pixels, false), flips);
    const std::optional<Result> certain = certify(flips.small[0][0], rounding_of(pixels));
    return certain ? *certain : hash_reference(pixels);
}

DihedralResult hash_dihedral(const Pixels& pixels) {
    check(pixels);
    const Rounding rounding = rounding_of(pixels);
    Flips flips;
    std::optional<Result> original;
    if (!unfiltered(pixels)) {
        reduce_bands(pixels, Matrices(pixels, true), flips);
        original = certify(flips.small[0][0], rounding);
    }
    if (!original) original = hash_reference(pixels);
    DihedralResult result;
    result.quality = original->quality;
    result.hashes[0] = original->hash;
    result.certified = original->certified ? 1 : 0;
    for (int k = 1; k < orientations; ++k) {
        const Turn& turn = turns[k];
        if (!unfiltered(pixels)) {
            const Coefficients upright = coefficients(flips.small[turn.flip_rows][turn.flip_columns]);
            const Bits found = bits(turn.transpose ? transposed(upright) : upright);
            if (found.gap > rounding.coefficient_gap) {
                result.hashes[k] = found.hash;
                ++result.certified;
                continue;
            }
        }
        result.hashes[k] = bits(coefficients(reduce_reference(pixels, turn))).hash;
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
    reduce_bands(cells.means, Matrices(cells), flips);
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
    const Small small = reduce_reference(pixels, turns[0]);
    return {bits(coefficients(small)).hash, quality(small), false};
}

Small small_from_bands(const Pixels& pixels) {
    check(pixels);
    Flips flips;
    reduce_bands(pixels, Matrices(pixels, false), flips);
    return flips.small[0][0];
}

Small small_from_reference(const Pixels& pixels) {
    check(pixels);
    return reduce_reference(pixels, turns[0]);
}

}  // namespace hashmatch::pdq
