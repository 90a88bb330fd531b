#include "registration/evidence.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace hashmatch::registration {
namespace {

constexpr int steps = 25;  // of the table, over 0 .. most_hidden
constexpr float most_hidden = 0.48F;
constexpr int points = 32;                   // of the integral
constexpr double noise = 0.1;                // of a coefficient's own size: rounding, JPEG
constexpr double mistaken = 0.03;            // a bit that looks certain is wrong this often
constexpr float median_of_normal = 0.6745F;  // of its absolute value, in standard deviations

// Beyond the last column that is seen, rows of vertical frequency j go on like a process that forgets at
// the rate pi (j + 1): what the harmonic continuation leaves has covariance
// (exp(-k |u - v|) - exp(-k (u + v))) / 2k at depths u and v.
struct HiddenTable {
    std::array<Values, steps> by_depth;  // [across the edge][along it]

    HiddenTable() {
        for (int s = 0; s < steps; ++s) {
            const double depth = static_cast<double>(most_hidden) * s / (steps - 1);
            for (int along = 0; along < frequencies; ++along) fill(s, depth, along);
        }
    }

private:
    void fill(int s, double depth, int along) {
        using std::numbers::pi;
        const double width = depth / points;
        const double rate = pi * (along + 1);
        std::array<double, points> near;     // exp(-k |u - v|) by the difference of the points
        std::array<double, 2 * points> far;  // exp(-k (u + v)) by their sum
        for (int d = 0; d < points; ++d) near[d] = std::exp(-rate * width * d);
        for (int d = 0; d < 2 * points; ++d) far[d] = std::exp(-rate * width * (d + 1));
        for (int across = 0; across < frequencies; ++across) {
            std::array<double, points> wave;
            for (int a = 0; a < points; ++a) {
                wave[a] = std::cos(pi * (across + 1) * (depth - (a + 0.5) * width));
            }
            double sum = 0;
            for (int a = 0; a < points; ++a) {
                for (int b = 0; b < points; ++b) {
                    sum += wave[a] * wave[b] * (near[std::abs(a - b)] - far[a + b]);
                }
            }
            const double hidden = sum * width * width / (2 * rate);
            const double whole =
                0.5 / (pi * pi * ((across + 1) * (across + 1) + (along + 1) * (along + 1)));
            by_depth[s][across * frequencies + along] =
                static_cast<float>(std::clamp(hidden / whole, 0.0, 1.0));
        }
    }
};

// Log odds of a bit by how many standard deviations its coefficient is from the median.
struct Odds {
    static constexpr int per_unit = 32;
    static constexpr int units = 4;
    std::array<float, per_unit * units + 2> table;

    Odds() {
        for (std::size_t i = 0; i < table.size(); ++i) {
            const double at = static_cast<double>(i) / per_unit;
            const double right =
                mistaken + (1 - 2 * mistaken) * 0.5 * std::erfc(-at / std::numbers::sqrt2);
            table[i] = static_cast<float>(std::log(right / (1 - right)));
        }
    }

    float at(float deviations) const {
        const float place = std::min(deviations, static_cast<float>(units)) * per_unit;
        const auto low = static_cast<std::size_t>(place);
        return table[low] + (place - static_cast<float>(low)) * (table[low + 1] - table[low]);
    }
};

// Rows of both frequencies' squares, added.
struct Falling {
    Values squared;
    Values root;
    Falling() {
        for (int i = 0; i < frequencies; ++i) {
            for (int j = 0; j < frequencies; ++j) {
                const auto sum = static_cast<float>((i + 1) * (i + 1) + (j + 1) * (j + 1));
                squared[i * frequencies + j] = sum;
                root[i * frequencies + j] = std::sqrt(sum);
            }
        }
    }
};

const HiddenTable& hidden_table() {
    static const HiddenTable table;
    return table;
}

// What both edges of an axis leave of [across][along].
void seen_of_axis(float before, float after, Values& seen) {
    seen.fill(1);
    for (const float edge : {before, after}) {
        if (edge <= 0) continue;
        const float place = std::min(edge, most_hidden) * ((steps - 1) / most_hidden);
        const int low = std::min(static_cast<int>(place), steps - 2);
        const float part = place - static_cast<float>(low);
        const Values& a = hidden_table().by_depth[low];
        const Values& b = hidden_table().by_depth[low + 1];
        for (std::size_t k = 0; k < seen.size(); ++k) seen[k] *= 1 - (a[k] + part * (b[k] - a[k]));
    }
}

}  // namespace

void hidden_shares(const Placement& placement, Values& shares) {
    Values across;
    Values down;
    seen_of_axis(placement.left, placement.right, across);  // [horizontal][vertical]
    seen_of_axis(placement.top, placement.bottom, down);    // [vertical][horizontal]
    for (int i = 0; i < frequencies; ++i) {
        for (int j = 0; j < frequencies; ++j) {
            shares[i * frequencies + j] = 1 - across[j * frequencies + i] * down[i * frequencies + j];
        }
    }
}

float weighted_distance(const Values& values, float median, const Values& signs, const Values& shares) {
    static const Falling falling;
    static const Odds odds;
    Values order;
    for (std::size_t k = 0; k < order.size(); ++k) {
        order[k] = std::abs(values[k] - median) * falling.root[k];
    }
    const auto middle = order.begin() + order.size() / 2;
    std::nth_element(order.begin(), middle, order.end());
    const float scale = *middle / median_of_normal;
    if (!(scale > 0)) return 128;
    constexpr auto own_noise = static_cast<float>(noise * noise);
    float agreement = 0;
    float squares = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
        const float margin = values[k] - median;
        const float deviation = scale * std::sqrt((shares[k] + own_noise) / falling.squared[k]);
        const float weight = odds.at(std::abs(margin) / deviation);
        agreement += (margin > 0) == (signs[k] > 0) ? weight : -weight;
        squares += weight * weight;
    }
    return squares > 0 ? 128 - 8 * agreement / std::sqrt(squares) : 128;
}

}  // namespace hashmatch::registration
