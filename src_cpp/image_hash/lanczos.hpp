// Pillow's LANCZOS resize of 8-bit grey, one axis: which samples an output sees, with which weights.
//
// Source  Pillow's documented filter (Lanczos, a = 3, support widened by the scale where it reduces) and
//         fixed point: weights in double, normalised, rounded half away from zero to 22 fraction bits;
//         each pass is summed in int32 from half a unit, shifted and clipped to a byte. Checked against
//         Pillow itself in tests/hashing/test_resize.py.
#pragma once

#include <cstdint>
#include <vector>

namespace hashmatch::picture {

constexpr int weight_bits = 22;

struct Filter {
    // Weights of one output stand together, padded with zeros to a multiple of `step`, so that kernels
    // read whole vectors.
    static constexpr std::int64_t step = 16;

    struct Window {
        std::int64_t first;   // first sample
        std::int64_t count;   // number of samples that have a weight
        std::int64_t offset;  // of its weights
    };

    std::vector<Window> windows;        // one an output
    std::vector<std::int32_t> weights;  // at most about 2^22 each
    std::vector<std::int16_t> high;     // weight == high * 4096 + low, for 16-bit multipliers
    std::vector<std::int16_t> low;

    Filter(std::int64_t n_in, std::int64_t n_out);
};

inline std::uint8_t to_byte(std::int32_t sum) {
    const std::int32_t value = sum >> weight_bits;
    return static_cast<std::uint8_t>(value < 0 ? 0 : (value > 255 ? 255 : value));
}

}  // namespace hashmatch::picture
