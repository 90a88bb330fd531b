// PDQ's reduced picture by the reference's own float32 operations, in their order.
#pragma once

#include "hashmatch/pdq.hpp"

namespace hashmatch::pdq {

/// How the picture is turned before it is reduced; see orientation.hpp for the eight of them.
struct Turn {
    bool transpose = false;     // applied last
    bool flip_rows = false;     // top to bottom
    bool flip_columns = false;  // left to right
};

/// Reduced picture of the turned pixels. Rounds exactly as the reference does.
Small reduce_reference(const Pixels& pixels, const Turn& turn);

}  // namespace hashmatch::pdq
