// One axis of PDQ's reduction as a banded matrix: 64 rows of weights over n samples.
//
// Row i holds the weights with which two passes of the box filter and the i-th sample point see the
// axis. Away from the edges every window has the full size w, so the weights are whole numbers (a tent
// that rises to w) over w*w: those bands are summed in exact integers. Near the edges windows are
// smaller and the weights are fractions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hashmatch/pdq.hpp"

namespace hashmatch::pdq {

struct Band {
    std::int64_t first;  // first sample
    std::int64_t count;  // number of samples
    bool whole;          // weights are whole numbers up to max_whole_weight, over 1/scale
    float scale;         // 1 / (w*w) for whole bands, else 1
    std::size_t offset;  // of its weights
};

/// Largest weight that every ISA's kernel takes (a signed byte): axes of up to 16,256 samples.
constexpr std::int64_t max_whole_weight = 127;

struct Bands {
    std::array<Band, side> rows;
    std::vector<float> weights;       // every band's, normalised to sum 1
    std::vector<std::uint8_t> whole;  // same offsets; only whole bands' entries mean anything

    /// flip: the matrix for the axis read backwards.
    Bands(std::int64_t n, bool flip);

    /// The same matrix for an axis of which only the means of `scale` samples each are known, the last
    /// one perhaps of fewer: the weights of a cell's samples are added up.
    Bands(const Bands& full, std::int64_t scale);
};

/// Horizontal bands laid out over interleaved channels, luma mixed in, each padded to `step` floats.
struct Projection {
    static constexpr int step = 16;
    std::array<std::int64_t, side> first;  // first float of the row that the band reads
    std::array<std::int64_t, side> steps;  // number of steps of 16
    std::array<std::size_t, side> offset;
    std::vector<float> weights;

    Projection(const Bands& bands, int channels);
};

}  // namespace hashmatch::pdq
