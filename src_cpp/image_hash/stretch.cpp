// The front end of PDQ's C++ tool: a picture with a side over 512 becomes 512 x 512 before it is hashed.
//
// Source  ThreatExchange pdq/cpp: CImg's resize(512, 512), which takes the nearest neighbour and does
// not
//         keep the aspect; output x reads input floor(x * width / 512).
#include "image_hash/reduced_luma.hpp"

namespace hashmatch::picture {

bool is_stretched(const Pixels& pixels) {
    return pixels.height > stretch_limit || pixels.width > stretch_limit;
}

std::vector<std::uint8_t> stretched(const Pixels& pixels) {
    check(pixels, 1);
    const int channels = pixels.channels;
    std::vector<std::uint8_t> result(stretch_limit * stretch_limit * channels);
    std::uint8_t* out = result.data();
    for (std::int64_t y = 0; y < stretch_limit; ++y) {
        const std::uint8_t* row = pixels.data + y * pixels.height / stretch_limit * pixels.row_bytes();
        for (std::int64_t x = 0; x < stretch_limit; ++x) {
            const std::uint8_t* in = row + x * pixels.width / stretch_limit * channels;
            for (int c = 0; c < channels; ++c) *out++ = in[c];
        }
    }
    return result;
}

}  // namespace hashmatch::picture
