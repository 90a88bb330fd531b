// One axis of a placement: what PDQ's reduction and cosines make of the canvas's samples.
#pragma once

#include "registration/canvas.hpp"

namespace hashmatch::registration {

struct Axis {
    int first = 0;  // samples that count: [first, last)
    int last = 0;
    alignas(64) std::array<float, side * pdq::frequencies> weights;  // [sample][frequency]
};

/// The known picture's axis of which the content shows all but the shares `before` and `after`.
void make_axis(float before, float after, int content, int margin, Axis& axis);

}  // namespace hashmatch::registration
