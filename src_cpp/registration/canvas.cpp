#include "registration/canvas.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "registration/products.hpp"

namespace hashmatch::registration {
namespace {

constexpr int extended_content = 160;

struct Tap {
    int first;
    int count;
    std::array<float, 8> weights;  // a box of at most 256 / 160 samples, and its two ends
};

// Box means of the samples in [low, high) of an axis, or linear interpolation where it is enlarged: a
// box is never narrower than one sample.
std::vector<Tap> taps(float low, float high, int n) {
    std::vector<Tap> result(static_cast<std::size_t>(n));
    const float step = (high - low) / static_cast<float>(n);
    const float half = std::max(step, 1.0F) / 2;
    for (int k = 0; k < n; ++k) {
        const float middle = low + (static_cast<float>(k) + 0.5F) * step;
        const float from = std::clamp(middle - half, 0.0F, static_cast<float>(side) - 0.01F);
        const float to = std::clamp(middle + half, from + 0.01F, static_cast<float>(side));
        Tap& tap = result[static_cast<std::size_t>(k)];
        tap.first = static_cast<int>(from);
        const int last = std::min(side - 1, static_cast<int>(std::ceil(to)) - 1);
        tap.count = std::min(last - tap.first + 1, static_cast<int>(tap.weights.size()));
        for (int i = 0; i < tap.count; ++i) {
            const auto at = static_cast<float>(tap.first + i);
            const float part = std::min(to, at + 1) - std::max(from, at);
            tap.weights[static_cast<std::size_t>(i)] = part / (to - from);
        }
    }
    return result;
}

// Where nothing of the picture is known its mean curvature is zero: content with fine detail along an
// edge fades with the distance from it, broad content goes on. One level of the solution: `n` samples a
// side, of which `margin` on each side are unknown.
class Level {
public:
    Level(int n, int margin, std::vector<float> known) : n_(n), margin_(margin), x_(std::move(known)) {}

    Level coarser() const {
        const int half = n_ / 2;
        std::vector<float> mean(static_cast<std::size_t>(half) * half);
        for (int y = 0; y < half; ++y) {
            const float* a = &x_[static_cast<std::size_t>(2 * y) * n_];
            const float* b = a + n_;
            float* out = &mean[static_cast<std::size_t>(y) * half];
            for (int x = 0; x < half; ++x) {
                out[x] = 0.25F * ((a[2 * x] + a[2 * x + 1]) + (b[2 * x] + b[2 * x + 1]));
            }
        }
        return {half, margin_ / 2, std::move(mean)};
    }

    void repeat_edges() {
        const int end = n_ - margin_ - 1;
        for (int y = 0; y < n_; ++y) {
            const std::size_t from = static_cast<std::size_t>(std::clamp(y, margin_, end)) * n_;
            const std::size_t to = static_cast<std::size_t>(y) * n_;
            for (int x = 0; x < n_; ++x) x_[to + x] = x_[from + std::clamp(x, margin_, end)];
        }
    }

    void start_from(const Level& coarse) {
        for (int y = 0; y < n_; ++y) {
            for (int x = 0; x < n_; ++x) {
                if (!is_known(y, x)) x_[at(y, x)] = coarse.x_[coarse.at(y / 2, x / 2)];
            }
        }
    }

    void relax(int times) {
        std::vector<float> next = x_;
        for (int k = 0; k < times; ++k) {
            for (int y = 0; y < n_; ++y) {
                if (y < margin_ || y >= n_ - margin_) {
                    relax_row(y, 0, n_, next);
                } else {
                    relax_row(y, 0, margin_, next);
                    relax_row(y, n_ - margin_, n_, next);
                }
            }
            x_.swap(next);
        }
    }

    int n() const { return n_; }
    const std::vector<float>& samples() const { return x_; }

private:
    std::size_t at(int y, int x) const { return static_cast<std::size_t>(y) * n_ + x; }
    bool is_known(int y, int x) const {
        return y >= margin_ && y < n_ - margin_ && x >= margin_ && x < n_ - margin_;
    }

    void relax_row(int y, int first, int last, std::vector<float>& next) const {
        const float* middle = &x_[at(y, 0)];
        const float* above = &x_[at(std::max(y - 1, 0), 0)];
        const float* below = &x_[at(std::min(y + 1, n_ - 1), 0)];
        float* out = &next[at(y, 0)];
        const auto mean = [&](int x, float left, float right) {
            out[x] = 0.25F * ((above[x] + below[x]) + (left + right));
        };
        int from = first;
        int to = last;
        if (first == 0) mean(from++, middle[0], middle[1]);
        if (last == n_) mean(--to, middle[n_ - 2], middle[n_ - 1]);
        for (int x = from; x < to; ++x) {
            out[x] = 0.25F * ((above[x] + below[x]) + (middle[x - 1] + middle[x + 1]));
        }
    }

    int n_;
    int margin_;
    std::vector<float> x_;
};

Level solved(Level level) {
    if (level.n() <= 32) {
        level.repeat_edges();
        level.relax(40);
        return level;
    }
    level.start_from(solved(level.coarser()));
    level.relax(8);
    return level;
}

}  // namespace

void continue_outwards(Canvas& canvas) {
    if (canvas.margin == 0) return;
    const Level level =
        solved({side, canvas.margin, std::vector<float>(canvas.samples.begin(), canvas.samples.end())});
    std::copy(level.samples().begin(), level.samples().end(), canvas.samples.begin());
}

std::unique_ptr<Canvas> make_canvas(const std::uint8_t* compact, const Window& window, bool extended) {
    auto canvas = std::make_unique<Canvas>();
    canvas->content = extended ? extended_content : side;
    canvas->margin = (side - canvas->content) / 2;
    canvas->samples.fill(0);
    constexpr auto full = static_cast<float>(side);
    const std::vector<Tap> across = taps(window.left * full, window.right * full, canvas->content);
    const std::vector<Tap> down = taps(window.top * full, window.bottom * full, canvas->content);
    std::array<float, side> sums;
    for (int y = 0; y < canvas->content; ++y) {
        const Tap& rows = down[static_cast<std::size_t>(y)];
        sums.fill(0);
        for (int k = 0; k < rows.count; ++k) {
            const std::uint8_t* in = compact + static_cast<std::ptrdiff_t>(rows.first + k) * side;
            const float weight = rows.weights[static_cast<std::size_t>(k)];
            for (int x = 0; x < side; ++x) sums[x] += weight * static_cast<float>(in[x]);
        }
        float* out = canvas->row(y + canvas->margin) + canvas->margin;
        for (int x = 0; x < canvas->content; ++x) {
            const Tap& columns = across[static_cast<std::size_t>(x)];
            float sum = 0;
            for (int k = 0; k < columns.count; ++k) {
                sum += columns.weights[static_cast<std::size_t>(k)] * sums[columns.first + k];
            }
            out[x] = sum;
        }
    }
    continue_outwards(*canvas);
    return canvas;
}

std::unique_ptr<Canvas> reoriented(const Canvas& canvas, int orientation) {
    auto result = std::make_unique<Canvas>();
    result->content = canvas.content;
    result->margin = canvas.margin;
    constexpr int end = side - 1;
    for (int y = 0; y < side; ++y) {
        float* out = result->row(y);
        for (int x = 0; x < side; ++x) {
            switch (orientation) {
                case 1:
                    out[x] = canvas.row(x)[end - y];
                    break;  // rotate90
                case 2:
                    out[x] = canvas.row(end - y)[end - x];
                    break;  // rotate180
                case 3:
                    out[x] = canvas.row(end - x)[y];
                    break;  // rotate270
                case 4:
                    out[x] = canvas.row(end - y)[x];
                    break;  // flip_x
                case 5:
                    out[x] = canvas.row(y)[end - x];
                    break;  // flip_y
                case 6:
                    out[x] = canvas.row(x)[y];
                    break;  // flip_plus1
                case 7:
                    out[x] = canvas.row(end - x)[end - y];
                    break;  // flip_minus1
                default:
                    out[x] = canvas.row(y)[x];
                    break;
            }
        }
    }
    return result;
}

std::unique_ptr<Canvas> turned(const Canvas& canvas, float degrees, float aspect) {
    auto result = std::make_unique<Canvas>();
    result->content = canvas.content;
    result->margin = canvas.margin;
    const double angle = static_cast<double>(degrees) * std::numbers::pi / 180;
    const auto cosine = static_cast<float>(std::cos(angle));
    const auto sine = static_cast<float>(std::sin(angle));
    // A sample of the turned picture at (x, y) from the middle is the picture's at this matrix times it;
    // y points down, and x is `aspect` times as long as y.
    kernels_for(cpu::active())
        .turn(canvas.samples.data(), {cosine, -sine / aspect, sine * aspect, cosine},
              result->samples.data());
    return result;
}

}  // namespace hashmatch::registration
