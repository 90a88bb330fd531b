// What the hashes of this family share: the check of their input, how their bits are packed.
#pragma once

#include <cstdint>

#include "hashmatch/picture_hashes.hpp"

namespace hashmatch::picture {

/// Throws std::invalid_argument for a side below min_side or channels other than 1 and 3.
void check(const Pixels& pixels, std::int64_t min_side);

/// Collects bits, first bit most significant.
class Bits {
public:
    explicit Bits(int n_bits) { result_.n_bytes = n_bits / 8; }

    void add(bool set, bool firm) {
        if (set) result_.bytes[n_ / 8] |= static_cast<std::uint8_t>(0x80U >> (n_ % 8));
        result_.firm_bits += firm ? 1 : 0;
        ++n_;
    }

    const Result& result() const { return result_; }

private:
    Result result_;
    int n_ = 0;
};

}  // namespace hashmatch::picture
