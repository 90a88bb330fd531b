// whash's values by PyWavelets' own operations, for pictures whose bits its rounding decides.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace hashmatch::picture {

constexpr int wavelet_side = 8;
using WaveletValues = std::array<double, wavelet_side * wavelet_side>;

/// The 8x8 Haar approximation of a square of scale * scale bytes (scale a power of two from 8 on) after
/// its last approximation was set to zero: decomposed to the last level, put together again, decomposed
/// to 8x8, each step rounded as float64 rounds it.
WaveletValues haar_without_mean(const std::vector<std::uint8_t>& square, std::int64_t scale);

}  // namespace hashmatch::picture
