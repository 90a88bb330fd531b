#include "image_hash/lanczos.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hashmatch::picture {
namespace {

constexpr double radius = 3.0;

double sinc(double x) {
    if (x == 0.0) return 1.0;
    x *= std::numbers::pi;
    return std::sin(x) / x;
}

double lanczos(double x) {
    return -radius <= x && x < radius ? sinc(x) * sinc(x / radius) : 0.0;
}

std::int32_t fixed(double weight) {
    const double scaled = weight * (1 << weight_bits);
    return static_cast<std::int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace

Filter::Filter(std::int64_t n_in, std::int64_t n_out) {
    const double scale = static_cast<double>(n_in) / static_cast<double>(n_out);
    const double stretch = std::max(scale, 1.0);
    const double support = radius * stretch;
    const double shrink = 1.0 / stretch;
    std::vector<double> window;
    windows.reserve(n_out);
    for (std::int64_t i = 0; i < n_out; ++i) {
        const double centre = (static_cast<double>(i) + 0.5) * scale;
        const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(centre - support + 0.5));
        const auto end = std::min(n_in, static_cast<std::int64_t>(centre + support + 0.5));
        window.clear();
        double sum = 0.0;
        for (std::int64_t k = 0; k < end - first; ++k) {
            const double weight = lanczos((static_cast<double>(k + first) - centre + 0.5) * shrink);
            window.push_back(weight);
            sum += weight;
        }
        windows.push_back({first, end - first, static_cast<std::int64_t>(weights.size())});
        for (const double weight : window) weights.push_back(fixed(sum == 0.0 ? weight : weight / sum));
        weights.resize((weights.size() + step - 1) / step * step, 0);
    }
    high.reserve(weights.size());
    low.reserve(weights.size());
    for (const std::int32_t weight : weights) {
        const std::int32_t upper = (weight + 2048) >> 12;
        high.push_back(static_cast<std::int16_t>(upper));
        low.push_back(static_cast<std::int16_t>(weight - upper * 4096));
    }
}

}  // namespace hashmatch::picture
