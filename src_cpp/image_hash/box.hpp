// The reference's one-dimensional box filter: its window and its four edge phases.
//
// Source  ThreatExchange pdq/cpp/downscaling (box1DFloat, computeJaroszFilterWindowSize), as restated in
//         the definition that docs/architecture.md links: two passes on each axis, then 64 sample
//         points.
#pragma once

#include <cstdint>

namespace hashmatch::pdq {

struct Box {
    std::int64_t n;
    std::int64_t window;
    std::int64_t grow_silent;  // phase 1: the sum grows, nothing is written
    std::int64_t grow;         // phase 2: the sum grows, one output a step
    std::int64_t slide;        // phase 3: add the leading sample, then drop the trailing one
    std::int64_t shrink;       // phase 4: the sum shrinks, one output a step

    explicit Box(std::int64_t length) : n(length), window((length + 127) / 128) {
        const std::int64_t half = (window + 2) / 2;
        grow_silent = half - 1;
        grow = window - half + 1;
        slide = n - window;
        shrink = half - 1;
    }
};

/// Index of the i-th of 64 sample points on an axis of n samples.
inline std::int64_t sample_point(int i, std::int64_t n) {
    return static_cast<std::int64_t>((i + 0.5) * static_cast<double>(n) / 64);
}

}  // namespace hashmatch::pdq
