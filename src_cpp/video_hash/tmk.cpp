#include "hashmatch/tmk.hpp"

#include <cmath>
#include <numbers>

namespace hashmatch::tmk {
namespace {

constexpr double beta = 32;

/// exp(-beta) I_j(beta), the modified Bessel function of the first kind, by its integral: (1/pi) times
/// that of exp(beta (cos t - 1)) cos(j t) over 0..pi. The trapezoidal rule is exact to rounding for it.
double scaled_bessel(int order) {
    constexpr int n = 512;
    double sum = 0;
    for (int k = 0; k <= n; ++k) {
        const double t = std::numbers::pi * k / n;
        const double weight = k == 0 || k == n ? 0.5 : 1;
        sum += weight * std::exp(beta * (std::cos(t) - 1)) * std::cos(order * t);
    }
    return sum / n;
}

std::array<float, n_fourier> make_fourier_coefficients() {
    // a_0 = (I_0 - e^-b) / (2 sinh b), a_j = I_j / sinh b; both sides times e^-b.
    const double sinh = (1 - std::exp(-2 * beta)) / 2;
    std::array<float, n_fourier> values;
    for (int j = 0; j < n_fourier; ++j) {
        const double bessel = scaled_bessel(j);
        values[j] =
            static_cast<float>(j == 0 ? (bessel - std::exp(-2 * beta)) / (2 * sinh) : bessel / sinh);
    }
    return values;
}

/// Each row of 256 brought to length sqrt(weight); a row of zeros stays.
std::vector<float> normalised(const std::vector<double>& sums) {
    std::vector<float> result(sums.size());
    for (std::int64_t row = 0; row < n_coefficients; ++row) {
        const double* in = &sums[row * dimension];
        double squares = 0;
        for (int d = 0; d < dimension; ++d) squares += in[d] * in[d];
        if (squares == 0) continue;
        const double weight = fourier_coefficients()[row % n_fourier];
        const double factor = std::sqrt(weight) / std::sqrt(squares);
        for (int d = 0; d < dimension; ++d) {
            result[row * dimension + d] = static_cast<float>(in[d] * factor);
        }
    }
    return result;
}

void add_scaled(double* sums, const double* feature, double factor) {
    for (int d = 0; d < dimension; ++d) sums[d] += factor * feature[d];
}

}  // namespace

const std::array<float, n_fourier>& fourier_coefficients() {
    static const std::array<float, n_fourier> values = make_fourier_coefficients();
    return values;
}

Builder::Builder()
    : average_(dimension), cosines_(n_coefficients * dimension), sines_(n_coefficients * dimension) {
    for (std::size_t p = 0; p < periods.size(); ++p) {
        angles_[p].resize(periods[p]);
        for (std::int32_t k = 0; k < periods[p]; ++k) {
            angles_[p][k] = std::cos(2 * std::numbers::pi * k / periods[p]);
        }
    }
}

void Builder::add(const float* features, std::int64_t n) {
    std::array<double, dimension> unit;
    for (std::int64_t frame = 0; frame < n; ++frame, ++n_frames_) {
        const float* feature = features + frame * dimension;
        double squares = 0;
        for (int d = 0; d < dimension; ++d) {
            average_[d] += feature[d];
            squares += static_cast<double>(feature[d]) * feature[d];
        }
        const double factor = squares > 0 ? 1 / std::sqrt(squares) : 1;
        for (int d = 0; d < dimension; ++d) unit[d] = feature[d] * factor;
        for (std::size_t p = 0; p < periods.size(); ++p) {
            const std::int64_t period = periods[p];
            for (std::int64_t j = 0; j < n_fourier; ++j) {
                const std::int64_t turn = j * n_frames_ % period;
                double* cosines = &cosines_[(p * n_fourier + j) * dimension];
                add_scaled(cosines, unit.data(), angles_[p][turn]);
                if (j == 0) continue;  // its sine is zero
                const double angle =
                    2 * std::numbers::pi * static_cast<double>(turn) / static_cast<double>(period);
                add_scaled(&sines_[(p * n_fourier + j) * dimension], unit.data(), std::sin(angle));
            }
        }
    }
}

Features Builder::finish() const {
    Features result{n_frames_, std::vector<float>(dimension), normalised(cosines_), normalised(sines_)};
    if (n_frames_ == 0) return result;
    for (int d = 0; d < dimension; ++d) {
        result.average[d] = static_cast<float>(average_[d] / static_cast<double>(n_frames_));
    }
    return result;
}

}  // namespace hashmatch::tmk
