// The query's luma on a canvas of side x side samples: its content in the middle, its continuation
// around it.
#pragma once

#include <vector>

#include "hashmatch/memory.hpp"
#include "hashmatch/registration.hpp"

namespace hashmatch::registration {

struct Canvas {
    int content = side;  // samples a side that show the query
    int margin = 0;      // samples around it on each side
    alignas(64) std::array<float, side * side> samples;

    const float* row(int y) const { return &samples[static_cast<std::size_t>(y) * side]; }
    float* row(int y) { return &samples[static_cast<std::size_t>(y) * side]; }
};

/// The window of the compact luma, reduced or enlarged to the canvas's content, and continued.
std::unique_ptr<Canvas> make_canvas(const std::uint8_t* compact, const Window& window, bool extended);

/// Re-oriented as pdq's orientation of that number.
std::unique_ptr<Canvas> reoriented(const Canvas& canvas, int orientation);

/// Turned counter-clockwise about the middle; aspect: width / height of the content in pixels.
std::unique_ptr<Canvas> turned(const Canvas& canvas, float degrees, float aspect);

/// Replaces everything outside the content by its harmonic continuation.
void continue_outwards(Canvas& canvas);

}  // namespace hashmatch::registration
