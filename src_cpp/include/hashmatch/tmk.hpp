// TMK+PDQF: a whole video as one vector and its Fourier coefficients over time.
//
// Source: facebook/ThreatExchange, tmk/cpp; Poullot et al., "Temporal Matching Kernel with Explicit
// Feature Maps" (2015). Frame features are PDQ's 256 coefficients of 64x64 frames at 15 a second.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace hashmatch::tmk {

constexpr int dimension = 256;                                           // of a frame's feature
constexpr int n_fourier = 32;                                            // coefficients a period
constexpr std::array<std::int32_t, 4> periods{2731, 4391, 9767, 14653};  // in frames
constexpr std::int64_t n_coefficients = std::int64_t{periods.size()} * n_fourier;

/// What a `.tmk` file holds. Cosines and sines are [period][coefficient][dimension].
struct Features {
    std::int64_t n_frames = 0;
    std::vector<float> average;
    std::vector<float> cosines;
    std::vector<float> sines;
};

/// The kernel's Fourier coefficients a_0 .. a_31, as a file lists them.
const std::array<float, n_fourier>& fourier_coefficients();

/// Adds up frames. Sums are kept in double precision; memory does not depend on the video's length.
class Builder {
public:
    Builder();

    /// The next frames' features, `n` rows of 256.
    void add(const float* features, std::int64_t n);

    std::int64_t n_frames() const { return n_frames_; }

    /// All zero for a video without a frame.
    Features finish() const;

private:
    std::int64_t n_frames_ = 0;
    std::vector<double> average_;
    std::vector<double> cosines_;
    std::vector<double> sines_;
    std::array<std::vector<double>, periods.size()> angles_;  // cos(2 pi k / T), k = 0 .. T - 1
};

}  // namespace hashmatch::tmk
