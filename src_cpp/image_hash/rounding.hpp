// How far the reference's running float32 sums can take its result from the exact one.
//
// The banded reduction is exact to a few float32 ulps; the reference's running sums are not: each add
// and subtract rounds, and on flat areas the roundings add up instead of cancelling. Where a hash or
// quality could differ within these tolerances, pdq.cpp runs the reference's own operations.
//
// The tolerances are measured, not proven, and some pictures lie beyond them. Largest differences seen
// by benchmarks/soak_pdq_exact.py (5333 pictures, none of them with a wrong hash or quality):
//                                          pixel      coefficient
//     photographs, edited and resized      0.0079     0.018
//     gradients (never certified)          0.010      0.029
//     documents, blocks, noise, smooth     0.0020     0.0059
// The same roundings again and again add up most: in a small tile repeated over the whole picture
// (halftone, cloth; one in a hundred reaches 0.017 and 0.042), and in pixels chosen one by one against
// the sums. A certified hash is wrong only if the two coefficients at the median are also the ones that
// moved furthest towards each other: seen in 3 of some 2600 certified crafted ones, by two bits, and in
// no other.
#pragma once

#include <algorithm>

#include "hashmatch/pdq.hpp"

namespace hashmatch::pdq {

struct Rounding {
    float pixel;            // of the reduced picture
    float coefficient_gap;  // between two coefficients that move towards each other
};

inline Rounding rounding_of(const Pixels& pixels) {
    // The longer a running sum, the further it drifts; half of the tolerance does not depend on it.
    const float length = static_cast<float>(std::max(pixels.height, pixels.width)) / 4096.0F;
    const float growth = length < 1.0F ? 0.5F + 0.5F * length : length;
    constexpr float pixel = 0.006F;  // at a longest side of 4096
    constexpr float coefficient = 0.012F;
    return {pixel * growth, 2 * coefficient * growth};
}

}  // namespace hashmatch::pdq
