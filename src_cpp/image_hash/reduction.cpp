#include "image_hash/reduction.hpp"

#include <algorithm>

namespace hashmatch::pdq {
namespace {

/// One band's weighted sum of rows; `row` gets the sums, the return value is what to multiply them by.
float reduce_rows(const Rows& rows, const Bands& bands, int i, const Kernels& kernels,
                  std::vector<float>& row) {
    const Band& band = bands.rows[i];
    const Rows first{rows.data + band.first * rows.stride, rows.n_bytes, rows.stride};
    if (band.whole) {
        kernels.sum_columns(first, band.count, &bands.whole[band.offset], row.data());
        return band.scale;
    }
    // Elementwise in a fixed order: the same at any vector width.
    std::fill(row.begin(), row.begin() + rows.n_bytes, 0.0F);
    for (std::int64_t r = 0; r < band.count; ++r) {
        const float weight = bands.weights[band.offset + r];
        const std::uint8_t* in = first.data + r * rows.stride;
        for (std::int64_t x = 0; x < rows.n_bytes; ++x) row[x] += weight * static_cast<float>(in[x]);
    }
    return band.scale;
}

}  // namespace

Matrices::Matrices(std::int64_t height, std::int64_t width, int channels, const Turn& turn) {
    vertical.emplace_back(height, turn.flip_rows);
    horizontal.emplace_back(Bands(width, turn.flip_columns), channels);
}

Matrices::Matrices(std::int64_t height, std::int64_t width, int channels) {
    for (const bool flip : {false, true}) {
        vertical.emplace_back(height, flip);
        horizontal.emplace_back(Bands(width, flip), channels);
    }
}

Matrices::Matrices(const Cells& cells) {
    for (const bool flip : {false, true}) {
        vertical.emplace_back(Bands(cells.full_height, flip), cells.scale);
        horizontal.emplace_back(Bands(Bands(cells.full_width, flip), cells.scale), 1);
    }
}

void reduce_bands(const Rows& rows, const Matrices& matrices, Flips& out) {
    const Kernels& kernels = kernels_for(cpu::active());
    const auto& [vertical, horizontal] = matrices;
    const int n_flips = static_cast<int>(vertical.size());
    std::vector<float> row(rows.n_bytes + Projection::step, 0.0F);
    for (int i = 0; i < side; ++i) {
        for (int flip = 0; flip < n_flips; ++flip) {
            // The flipped matrix's row 63-i reads nearly the same samples: they are still in the cache.
            const int band = flip == 0 ? i : side - 1 - i;
            const float scale = reduce_rows(rows, vertical[flip], band, kernels, row);
            for (int column_flip = 0; column_flip < n_flips; ++column_flip) {
                float* line = &out.small[flip][column_flip][band * side];
                kernels.project(row.data(), horizontal[column_flip], line);
                for (int j = 0; j < side; ++j) line[j] *= scale;
            }
        }
    }
}

}  // namespace hashmatch::pdq
