// Computes   luma, two rounds of {box along rows, box along columns}, 64x64 sample points: with the
//            running float32 sums of the reference, every addition in its order.
// Why        those sums carry rounding noise that decides bits whose coefficients tie; only the same
//            operations give the same noise. Sums are sequential along a line, so lines run side by
//            side.
// Memory     a ring of window+1 rows and 64 floats a row, whatever the picture's size.
// Cost       about 20 times the banded path: it runs only where that one is not certain.
#include "image_hash/pdq_reference.hpp"

#include <algorithm>
#include <vector>

#include "image_hash/box.hpp"

namespace hashmatch::pdq {
namespace {

constexpr int lanes = 8;  // rows filtered side by side, interleaved [x][lane]

/// The turned picture's luma without a turned copy of its pixels.
class LumaSource {
public:
    LumaSource(const Pixels& pixels, const Turn& turn) : pixels_(pixels), turn_(turn) {}

    std::int64_t height() const { return turn_.transpose ? pixels_.width : pixels_.height; }
    std::int64_t width() const { return turn_.transpose ? pixels_.height : pixels_.width; }

    /// Row y into out[x * step].
    void row(std::int64_t y, float* out, std::int64_t step) const {
        const std::int64_t pixel = pixels_.channels;
        const std::int64_t line = pixels_.row_bytes();
        std::int64_t down = line;
        std::int64_t right = pixel;
        const std::uint8_t* origin = pixels_.data;
        if (turn_.flip_rows) {
            origin += (pixels_.height - 1) * line;
            down = -down;
        }
        if (turn_.flip_columns) {
            origin += (pixels_.width - 1) * pixel;
            right = -right;
        }
        if (turn_.transpose) std::swap(down, right);
        const std::uint8_t* p = origin + y * down;
        const std::int64_t n = width();
        if (pixels_.channels == 1) {
            for (std::int64_t x = 0; x < n; ++x, p += right) out[x * step] = static_cast<float>(*p);
        } else {
            // pdqhash mixes in float64 and rounds once; its published values are the ones to equal.
            for (std::int64_t x = 0; x < n; ++x, p += right) {
                out[x * step] = static_cast<float>(p[0] * 0.299 + p[1] * 0.587 + p[2] * 0.114);
            }
        }
    }

private:
    const Pixels& pixels_;
    const Turn turn_;
};

/// Box filter along x of `lanes` interleaved lines.
void box_lines(const float* in, float* out, const Box& box) {
    float sum[lanes] = {};
    float size = 0;
    const float* lead = in;
    const float* trail = in;
    const auto add = [&] {
        for (int k = 0; k < lanes; ++k) sum[k] += lead[k];
        lead += lanes;
    };
    const auto drop = [&] {
        for (int k = 0; k < lanes; ++k) sum[k] -= trail[k];
        trail += lanes;
    };
    const auto write = [&] {
        for (int k = 0; k < lanes; ++k) out[k] = sum[k] / size;
        out += lanes;
    };
    for (std::int64_t i = 0; i < box.grow_silent; ++i) add(), size += 1;
    for (std::int64_t i = 0; i < box.grow; ++i) add(), size += 1, write();
    for (std::int64_t i = 0; i < box.slide; ++i) add(), drop(), write();
    for (std::int64_t i = 0; i < box.shrink; ++i) drop(), size -= 1, write();
}

/// Box filter along y, one row in, at most one row out; keeps only the window's rows.
class ColumnBox {
public:
    ColumnBox(std::int64_t height, std::int64_t width)
        : box_(height), width_(width), sum_(width), out_(width), ring_((box_.window + 1) * width) {}

    /// Where the next input row goes.
    float* slot() { return ring_row(pushed_); }

    /// Takes the row that was written to slot(). Returns an output row or nullptr.
    const float* push() {
        const float* row = ring_row(pushed_);
        for (std::int64_t x = 0; x < width_; ++x) sum_[x] += row[x];
        const std::int64_t step = pushed_++;
        if (step < box_.window) {
            size_ += 1;
            return step < box_.grow_silent ? nullptr : divided();
        }
        drop();
        return divided();
    }

    /// Output rows that remain after the last input row.
    std::int64_t remaining() const { return box_.shrink; }

    const float* flush() {
        drop();
        size_ -= 1;
        return divided();
    }

private:
    float* ring_row(std::int64_t i) { return &ring_[(i % (box_.window + 1)) * width_]; }

    void drop() {
        const float* row = ring_row(dropped_++);
        for (std::int64_t x = 0; x < width_; ++x) sum_[x] -= row[x];
    }

    const float* divided() {
        for (std::int64_t x = 0; x < width_; ++x) out_[x] = sum_[x] / size_;
        return out_.data();
    }

    const Box box_;
    const std::int64_t width_;
    std::vector<float> sum_;
    std::vector<float> out_;
    std::vector<float> ring_;
    std::int64_t pushed_ = 0;
    std::int64_t dropped_ = 0;
    float size_ = 0;
};

/// Second half: rows of the once filtered picture in, the 64x64 samples out.
class SecondRound {
public:
    SecondRound(std::int64_t height, std::int64_t width)
        : height_(height),
          row_box_(width),
          column_box_(height, side),
          in_(width * lanes),
          filtered_(width * lanes) {
        for (int j = 0; j < side; ++j) columns_[j] = sample_point(j, width);
    }

    void push(const float* row) {
        for (std::int64_t x = 0; x < row_box_.n; ++x) in_[x * lanes + held_] = row[x];
        if (++held_ == lanes) filter_held();
    }

    Small finish() {
        if (held_ > 0) filter_held();
        for (std::int64_t i = 0; i < column_box_.remaining(); ++i) take(column_box_.flush());
        return small_;
    }

private:
    void filter_held() {
        box_lines(in_.data(), filtered_.data(), row_box_);
        for (int k = 0; k < held_; ++k) {
            float* slot = column_box_.slot();
            for (int j = 0; j < side; ++j) slot[j] = filtered_[columns_[j] * lanes + k];
            take(column_box_.push());
        }
        held_ = 0;
    }

    void take(const float* row) {
        if (row == nullptr) return;
        while (sampled_ < side && sample_point(sampled_, height_) == written_) {
            std::copy(row, row + side, &small_[sampled_ * side]);
            ++sampled_;
        }
        ++written_;
    }

    const std::int64_t height_;
    const Box row_box_;
    ColumnBox column_box_;
    std::vector<float> in_;
    std::vector<float> filtered_;
    std::int64_t columns_[side];
    int held_ = 0;
    std::int64_t written_ = 0;
    int sampled_ = 0;
    Small small_{};
};

}  // namespace

Small reduce_reference(const Pixels& pixels, const Turn& turn) {
    const LumaSource luma(pixels, turn);
    const std::int64_t height = luma.height();
    const std::int64_t width = luma.width();
    if (height == side && width == side) {
        Small small;
        for (int y = 0; y < side; ++y) luma.row(y, &small[y * side], 1);
        return small;
    }
    const Box row_box(width);
    std::vector<float> in(width * lanes);
    std::vector<float> filtered(width * lanes);
    ColumnBox column_box(height, width);
    SecondRound second(height, width);
    for (std::int64_t y = 0; y < height; y += lanes) {
        const int held = static_cast<int>(std::min<std::int64_t>(lanes, height - y));
        for (int k = 0; k < held; ++k) luma.row(y + k, &in[k], lanes);
        box_lines(in.data(), filtered.data(), row_box);
        for (int k = 0; k < held; ++k) {
            float* slot = column_box.slot();
            for (std::int64_t x = 0; x < width; ++x) slot[x] = filtered[x * lanes + k];
            if (const float* row = column_box.push()) second.push(row);
        }
    }
    for (std::int64_t i = 0; i < column_box.remaining(); ++i) second.push(column_box.flush());
    return second.finish();
}

}  // namespace hashmatch::pdq
