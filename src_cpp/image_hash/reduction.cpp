#include "image_hash/reduction.hpp"

#include <algorithm>

namespace hashmatch::pdq {
namespace {

/// Rows as they lie in memory.
class PlainRows {
public:
    explicit PlainRows(const Rows& rows) : rows_(rows) {}

    std::int64_t n_bytes() const { return rows_.n_bytes; }

    Rows from(std::int64_t first, std::int64_t /*count*/) {
        return {rows_.data + first * rows_.stride, rows_.n_bytes, rows_.stride};
    }

private:
    Rows rows_;
};

/// Rows clipped to a range, a few at a time: bands follow each other downwards, and those of one place
/// fit the cache, so nothing of the picture is written to memory.
class ClippedRows {
public:
    ClippedRows(const Rows& rows, std::uint8_t low, std::uint8_t high)
        : rows_(rows), low_(low), high_(high) {}

    std::int64_t n_bytes() const { return rows_.n_bytes; }

    Rows from(std::int64_t first, std::int64_t count) {
        const std::int64_t n = rows_.n_bytes;
        if (first < base_ || first > base_ + filled_) {
            base_ = first;
            filled_ = 0;
        }
        if ((first - base_ + count) * n > static_cast<std::int64_t>(window_.size())) {
            std::move(window_.begin() + (first - base_) * n, window_.begin() + filled_ * n,
                      window_.begin());
            filled_ -= first - base_;
            base_ = first;
            const auto wanted = static_cast<std::size_t>(spare * count * n);
            if (window_.size() < wanted) window_.resize(wanted);
        }
        for (; base_ + filled_ < first + count; ++filled_) {
            const std::uint8_t* in = rows_.data + (base_ + filled_) * rows_.stride;
            std::uint8_t* out = &window_[filled_ * n];
            for (std::int64_t x = 0; x < n; ++x) out[x] = std::clamp(in[x], low_, high_);
        }
        return {&window_[(first - base_) * n], n, n};
    }

private:
    static constexpr std::int64_t spare = 3;  // rows of so many bands: they are moved up seldom

    Rows rows_;
    std::uint8_t low_;
    std::uint8_t high_;
    std::int64_t base_ = 0;    // number of the window's first row
    std::int64_t filled_ = 0;  // rows in it
    std::vector<std::uint8_t> window_;
};

/// One band's weighted sum of rows; `row` gets the sums, the return value is what to multiply them by.
template <typename Source>
float reduce_rows(Source& source, const Bands& bands, int i, const Kernels& kernels,
                  std::vector<float>& row) {
    const Band& band = bands.rows[i];
    const Rows rows = source.from(band.first, band.count);
    if (band.whole) {
        kernels.sum_columns(rows, band.count, &bands.whole[band.offset], row.data());
        return band.scale;
    }
    // Elementwise in a fixed order: the same at any vector width.
    std::fill(row.begin(), row.begin() + rows.n_bytes, 0.0F);
    for (std::int64_t r = 0; r < band.count; ++r) {
        const float weight = bands.weights[band.offset + r];
        const std::uint8_t* in = rows.data + r * rows.stride;
        for (std::int64_t x = 0; x < rows.n_bytes; ++x) row[x] += weight * static_cast<float>(in[x]);
    }
    return band.scale;
}

template <typename Source>
void reduce(Source source, const Matrices& matrices, Flips& out) {
    const Kernels& kernels = kernels_for(cpu::active());
    const auto& [vertical, horizontal] = matrices;
    const int n_flips = static_cast<int>(vertical.size());
    std::vector<float> row(source.n_bytes() + Projection::step, 0.0F);
    for (int i = 0; i < side; ++i) {
        for (int flip = 0; flip < n_flips; ++flip) {
            // The flipped matrix's row 63-i reads nearly the same samples: they are still in the cache.
            const int band = flip == 0 ? i : side - 1 - i;
            const float scale = reduce_rows(source, vertical[flip], band, kernels, row);
            for (int column_flip = 0; column_flip < n_flips; ++column_flip) {
                float* line = &out.small[flip][column_flip][band * side];
                kernels.project(row.data(), horizontal[column_flip], line);
                for (int j = 0; j < side; ++j) line[j] *= scale;
            }
        }
    }
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
    reduce(PlainRows(rows), matrices, out);
}

void reduce_clipped(const Rows& rows, std::uint8_t low, std::uint8_t high, const Matrices& matrices,
                    Flips& out) {
    reduce(ClippedRows(rows, low, high), matrices, out);
}

}  // namespace hashmatch::pdq
