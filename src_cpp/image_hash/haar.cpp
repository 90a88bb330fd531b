#include "image_hash/haar.hpp"

namespace hashmatch::picture {
namespace {

// The filters' only value, as PyWavelets tabulates it.
constexpr double h = 0.7071067811865476;

// A square whose corner of `n` samples is in use, rows `stride` apart.
struct Square {
    double* data;
    std::int64_t stride;

    double& at(std::int64_t y, std::int64_t x) const { return data[y * stride + x]; }
};

// One 2x2 cell: approximation and the three details, named by what they are down and across.
struct Cell {
    double low_low;
    double low_high;
    double high_low;
    double high_high;
};

/// Down first, then across, as wavedec2 goes.
Cell split(double a, double b, double c, double d) {  // a b over c d
    const double low_left = h * c + h * a;
    const double low_right = h * d + h * b;
    const double high_left = h * a - h * c;
    const double high_right = h * b - h * d;
    return {h * low_right + h * low_left, h * low_left - h * low_right, h * high_right + h * high_left,
            h * high_left - h * high_right};
}

/// Across first, then down, as waverec2 goes.
std::array<double, 4> join(const Cell& cell) {
    const double low_left = h * cell.low_low + h * cell.low_high;
    const double low_right = h * cell.low_low - h * cell.low_high;
    const double high_left = h * cell.high_low + h * cell.high_high;
    const double high_right = h * cell.high_low - h * cell.high_high;
    return {h * low_left + h * high_left, h * low_right + h * high_right, h * low_left - h * high_left,
            h * low_right - h * high_right};
}

/// All levels in place: the approximation of level k stays at every 2^k-th sample, its details beside.
void decompose(const Square& square, std::int64_t n) {
    for (std::int64_t step = 1; step < n; step *= 2) {
        for (std::int64_t y = 0; y < n; y += 2 * step) {
            for (std::int64_t x = 0; x < n; x += 2 * step) {
                double& a = square.at(y, x);
                double& b = square.at(y, x + step);
                double& c = square.at(y + step, x);
                double& d = square.at(y + step, x + step);
                const Cell cell = split(a, b, c, d);
                a = cell.low_low;
                b = cell.low_high;
                c = cell.high_low;
                d = cell.high_high;
            }
        }
    }
}

void compose(const Square& square, std::int64_t n) {
    for (std::int64_t step = n / 2; step > 0; step /= 2) {
        for (std::int64_t y = 0; y < n; y += 2 * step) {
            for (std::int64_t x = 0; x < n; x += 2 * step) {
                double& a = square.at(y, x);
                double& b = square.at(y, x + step);
                double& c = square.at(y + step, x);
                double& d = square.at(y + step, x + step);
                const std::array<double, 4> cell = join({a, b, c, d});
                a = cell[0];
                b = cell[1];
                c = cell[2];
                d = cell[3];
            }
        }
    }
}

}  // namespace

WaveletValues haar_without_mean(const std::vector<std::uint8_t>& square, std::int64_t scale) {
    // Haar cells do not overlap: each of the 8x8 blocks is transformed alone, so that memory stays at
    // one block, and only their 8x8 approximations together.
    const std::int64_t block = scale / wavelet_side;
    std::vector<double> samples(block * block);
    const Square one{samples.data(), block};
    const auto load = [&](int by, int bx) {
        for (std::int64_t y = 0; y < block; ++y) {
            const std::uint8_t* row = &square[(by * block + y) * scale + bx * block];
            for (std::int64_t x = 0; x < block; ++x) one.at(y, x) = row[x] / 255.0;
        }
        decompose(one, block);
    };
    WaveletValues values{};
    const Square top{values.data(), wavelet_side};
    for (int by = 0; by < wavelet_side; ++by) {
        for (int bx = 0; bx < wavelet_side; ++bx) {
            load(by, bx);
            top.at(by, bx) = one.at(0, 0);
        }
    }
    decompose(top, wavelet_side);
    top.at(0, 0) = 0.0;
    compose(top, wavelet_side);
    for (int by = 0; by < wavelet_side; ++by) {
        for (int bx = 0; bx < wavelet_side; ++bx) {
            load(by, bx);
            one.at(0, 0) = top.at(by, bx);
            compose(one, block);
            decompose(one, block);
            top.at(by, bx) = one.at(0, 0);
        }
    }
    return values;
}

}  // namespace hashmatch::picture
