// From the reduced 64x64 picture to coefficients, bits and quality, in the reference's float32 order.
#pragma once

#include "hashmatch/pdq.hpp"

namespace hashmatch::pdq {

/// The cosines of frequencies 1..16 at a sample of the reduced picture, 0..63.
const float* cosines_at(int sample);

/// DCT rows 1..16 on both axes; each value is a plain float32 sum over k = 0..63 ascending.
Coefficients coefficients(const Small& small);

struct Bits {
    Hash hash;
    float gap;  // between the lowest set and the highest unset coefficient; 0 where they tie
};

/// Bit k is set where coefficient k exceeds the lower median (Torben's) of all 256.
Bits bits(const Coefficients& values);

/// PDQ's quality 0..100.
int quality(const Small& small);

struct QualityRange {
    int low;
    int high;
};

/// Qualities that pictures within `tolerance` of this one at every pixel can have.
QualityRange quality_range(const Small& small, float tolerance);

/// Coefficients of the picture mirrored at its main diagonal.
Coefficients transposed(const Coefficients& values);

}  // namespace hashmatch::pdq
