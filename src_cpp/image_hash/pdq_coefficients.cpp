#include "image_hash/pdq_coefficients.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace hashmatch::pdq {
namespace {

struct Cosines {
    // Both layouts, so that each product runs over contiguous outputs.
    float by_frequency[frequencies][side];
    float by_sample[side][frequencies];

    Cosines() {
        const double scale = std::sqrt(2.0 / side);
        const auto scale32 = static_cast<double>(static_cast<float>(scale));
        for (int i = 0; i < frequencies; ++i) {
            for (int j = 0; j < side; ++j) {
                const double angle = (std::numbers::pi / 2 / side) * (i + 1) * (2 * j + 1);
                by_frequency[i][j] = static_cast<float>(scale32 * std::cos(angle));
                by_sample[j][i] = by_frequency[i][j];
            }
        }
    }
};

const Cosines& cosines() {
    static const Cosines table;
    return table;
}

// One term of the quality sum: the reference scales in float32, then truncates to int.
int gradient(float difference) {
    return std::abs(static_cast<int>((difference * 100) / 255));
}

int scaled(int sum) {
    return std::min(100, sum / 90);
}

// At most 8064 terms of 100: an int, so that the loops vectorise.
template <typename Term>
int sum_over_neighbours(const Small& small, Term term) {
    int sum = 0;
    for (int i = 0; i + 1 < side; ++i) {
        for (int j = 0; j < side; ++j) sum += term(small[i * side + j] - small[(i + 1) * side + j]);
    }
    for (int i = 0; i < side; ++i) {
        for (int j = 0; j + 1 < side; ++j) sum += term(small[i * side + j] - small[i * side + j + 1]);
    }
    return sum;
}

}  // namespace

const float* cosines_at(int sample) {
    return cosines().by_sample[sample];
}

Coefficients coefficients(const Small& small) {
    const Cosines& table = cosines();
    Coefficients values{};
    for (int i = 0; i < frequencies; ++i) {
        float columns[side] = {};
        for (int k = 0; k < side; ++k) {
            const float factor = table.by_frequency[i][k];
            for (int j = 0; j < side; ++j) columns[j] += factor * small[k * side + j];
        }
        float* row = &values[i * frequencies];
        for (int k = 0; k < side; ++k) {
            for (int j = 0; j < frequencies; ++j) row[j] += columns[k] * table.by_sample[k][j];
        }
    }
    return values;
}

Bits bits(const Coefficients& values) {
    Coefficients order = values;
    constexpr std::size_t lower_median = order.size() / 2 - 1;
    const auto middle = order.begin() + lower_median;
    std::nth_element(order.begin(), middle, order.end());
    const float median = *middle;
    const float above = *std::min_element(middle + 1, order.end());
    Bits result{{}, above - median};
    for (std::size_t k = 0; k < values.size(); ++k) {
        if (values[k] > median) {
            result.hash[hash_bytes - 1 - k / 8] |= static_cast<std::uint8_t>(1U << (k % 8));
        }
    }
    return result;
}

int quality(const Small& small) {
    return scaled(sum_over_neighbours(small, gradient));
}

QualityRange quality_range(const Small& small, float tolerance) {
    const float slack = 2 * tolerance;
    const auto low = [slack](float difference) {
        const float magnitude = std::fabs(difference) - slack;
        return magnitude > 0 ? gradient(magnitude) : 0;
    };
    const auto high = [slack](float difference) { return gradient(std::fabs(difference) + slack); };
    return {scaled(sum_over_neighbours(small, low)), scaled(sum_over_neighbours(small, high))};
}

Coefficients transposed(const Coefficients& values) {
    Coefficients result;
    for (int i = 0; i < frequencies; ++i) {
        for (int j = 0; j < frequencies; ++j) {
            result[j * frequencies + i] = values[i * frequencies + j];
        }
    }
    return result;
}

}  // namespace hashmatch::pdq
