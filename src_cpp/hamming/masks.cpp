#include "hamming/masks.hpp"

#include <algorithm>
#include <mutex>

#include "hashmatch/hamming_tables.hpp"

namespace hashmatch::hamming {
namespace {

Masks made(int bits) {
    Masks result;
    for (int weight = 0; weight <= max_key_radius; ++weight) {
        result.first[weight] = static_cast<std::int64_t>(result.masks.size());
        if (weight > bits) continue;
        std::uint32_t mask = weight == 0 ? 0 : (std::uint32_t{1} << weight) - 1;
        while (mask >> bits == 0) {
            result.masks.push_back(mask);
            if (mask == 0) break;
            // The next larger number with as many bits set (Gosper).
            const std::uint32_t low = mask & (~mask + 1);
            const std::uint32_t up = mask + low;
            mask = (((up ^ mask) >> 2) / low) | up;
        }
    }
    result.first[max_key_radius + 1] = static_cast<std::int64_t>(result.masks.size());
    return result;
}

}  // namespace

const Masks& masks_of(int bits) {
    static std::array<Masks, max_key_bits + 1> cache;
    static std::array<std::once_flag, max_key_bits + 1> flags;
    std::call_once(flags[bits], [bits] { cache[bits] = made(bits); });
    return cache[bits];
}

}  // namespace hashmatch::hamming
