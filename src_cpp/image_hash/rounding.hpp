// How far the reference's running float32 sums can take its result from the exact one.
//
// The banded reduction is exact to a few float32 ulps; the reference's running sums are not: each add and
// subtract rounds, and on flat areas the roundings add up instead of cancelling. Where a hash or quality
// could differ within these tolerances, pdq.cpp runs the reference's own operations.
//
// The tolerances are measured, not proven. Largest differences seen, over the corpus's 288 pictures and
// synthetic noise, solids, gradients, documents, flat blocks (benchmarks/soak_pdq_exact.py prints them):
//     longest side      pixel      coefficient
//     up to 4096        0.0014     0.0045
//     12000             0.0027     0.011
//     20000             0.0026     0.014
// Beyond them lie pictures in which the same roundings come again and again: small tiles repeated over the
// whole picture (halftone, cloth), about one in a hundred of which reaches 0.017 a pixel and 0.042 a
// coefficient, and pixels chosen one by one against the sums. A certified hash is wrong there only if the
// two coefficients at the median are also the ones that moved: of crafted pictures about one in 500, by two
// bits; of tiled ones none in 3477 certified.
#pragma once

#include <algorithm>

#include "hashmatch/pdq.hpp"

namespace hashmatch::pdq {

struct Rounding {
    float pixel;            // of the reduced picture
    float coefficient_gap;  // between two coefficients that move towards each other
};

inline Rounding rounding_of(const Pixels& pixels) {
    const auto longest = static_cast<float>(std::max(pixels.height, pixels.width));
    const float growth = std::max(1.0F, longest / 4096.0F);
    constexpr float pixel = 0.004F;
    constexpr float coefficient = 0.008F;
    return {pixel * growth, 2 * coefficient * growth};
}

}  // namespace hashmatch::pdq
