#include "image_hash/bands.hpp"

#include <algorithm>

#include "image_hash/box.hpp"

namespace hashmatch::pdq {
namespace {

struct Window {
    std::int64_t low;
    std::int64_t high;  // exclusive
    std::int64_t size() const { return high - low; }
};

/// Samples that output i of one box pass averages.
Window window_of(std::int64_t i, const Box& box) {
    const std::int64_t high = std::min(box.n, i + box.grow_silent + 1);
    const std::int64_t low = std::max<std::int64_t>(0, i + box.grow_silent + 1 - box.window);
    return {low, high};
}

}  // namespace

Bands::Bands(std::int64_t n, bool flip) {
    const Box box(n);
    const std::int64_t w = box.window;
    std::vector<double> changes;  // of the weight from one sample to the next
    for (int i = 0; i < side; ++i) {
        const Window outer = window_of(sample_point(i, n), box);
        const std::int64_t first = window_of(outer.low, box).low;
        const std::int64_t last = window_of(outer.high - 1, box).high;
        changes.assign(last - first + 1, 0.0);
        bool whole_band = outer.size() == w && w <= max_whole_weight;
        for (std::int64_t k = outer.low; k < outer.high; ++k) {
            const Window inner = window_of(k, box);
            whole_band = whole_band && inner.size() == w;
            const double share = 1.0 / static_cast<double>(outer.size() * inner.size());
            changes[inner.low - first] += share;
            changes[inner.high - first] -= share;
        }
        const std::int64_t count = last - first;
        rows[i] = {flip ? n - last : first, count, whole_band,
                   whole_band ? 1.0F / static_cast<float>(w * w) : 1.0F, weights.size()};
        weights.resize(weights.size() + count);
        whole.resize(weights.size());
        const auto at = [&](std::int64_t k) {
            return rows[i].offset + static_cast<std::size_t>(flip ? count - 1 - k : k);
        };
        double running = 0;
        for (std::int64_t k = 0; k < count; ++k) {
            running += changes[k];
            weights[at(k)] = static_cast<float>(running);
            // A full tent: 1, 2 .. w .. 2, 1.
            if (whole_band) whole[at(k)] = static_cast<std::uint8_t>(std::min(k + 1, count - k));
        }
    }
}

Bands::Bands(const Bands& full, std::int64_t scale) {
    for (int i = 0; i < side; ++i) {
        const Band& band = full.rows[i];
        const std::int64_t first = band.first / scale;
        const std::int64_t last = (band.first + band.count - 1) / scale;
        rows[i] = {first, last - first + 1, false, 1.0F, weights.size()};
        std::vector<double> cells(rows[i].count, 0.0);
        for (std::int64_t k = 0; k < band.count; ++k) {
            cells[(band.first + k) / scale - first] += full.weights[band.offset + k];
        }
        for (const double weight : cells) weights.push_back(static_cast<float>(weight));
    }
    whole.resize(weights.size());
}

Projection::Projection(const Bands& bands, int channels) {
    constexpr std::array<double, 3> luma{0.299, 0.587, 0.114};
    for (int j = 0; j < side; ++j) {
        const Band& band = bands.rows[j];
        const std::int64_t floats = band.count * channels;
        first[j] = band.first * channels;
        steps[j] = (floats + step - 1) / step;
        offset[j] = weights.size();
        weights.resize(weights.size() + steps[j] * step, 0.0F);
        float* out = &weights[offset[j]];
        for (std::int64_t k = 0; k < band.count; ++k) {
            const float weight = bands.weights[band.offset + k];
            if (channels == 1) {
                out[k] = weight;
            } else {
                for (int c = 0; c < 3; ++c) {
                    out[3 * k + c] = static_cast<float>(static_cast<double>(weight) * luma[c]);
                }
            }
        }
    }
}

}  // namespace hashmatch::pdq
