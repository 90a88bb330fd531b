#include <array>
#include <cstring>
#include <stdexcept>
#include <string>

#include "hashmatch/hamming.hpp"

namespace hashmatch::hamming {
namespace {

constexpr int pdq_words = 4;

// The even bytes of x in the low half.
constexpr std::uint64_t even_bytes(std::uint64_t x) {
    x &= 0x00FF00FF00FF00FF;
    x = (x | (x >> 8)) & 0x0000FFFF0000FFFF;
    return (x | (x >> 16)) & 0x00000000FFFFFFFF;
}

// Inverse of even_bytes.
constexpr std::uint64_t to_even_bytes(std::uint64_t x) {
    x &= 0x00000000FFFFFFFF;
    x = (x | (x << 16)) & 0x0000FFFF0000FFFF;
    return (x | (x << 8)) & 0x00FF00FF00FF00FF;
}

// Transposes an 8x8 bit matrix: bit c of byte r goes to bit r of byte c.
constexpr std::uint64_t transposed(std::uint64_t x) {
    std::uint64_t t = (x ^ (x >> 7)) & 0x00AA00AA00AA00AA;
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000CCCC0000CCCC;
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x00000000F0F0F0F0;
    return x ^ t ^ (t << 28);
}

// Turns byte t right by t bits.
constexpr std::uint64_t turned(std::uint64_t x) {
    const auto step = [](std::uint64_t v, int by, std::uint64_t low, std::uint64_t bytes) {
        const std::uint64_t all = ((v >> by) & low) | ((v << (8 - by)) & ~low);
        return (v & ~bytes) | (all & bytes);
    };
    x = step(x, 1, 0x7F7F7F7F7F7F7F7F, 0xFF00FF00FF00FF00);
    x = step(x, 2, 0x3F3F3F3F3F3F3F3F, 0xFFFF0000FFFF0000);
    return step(x, 4, 0x0F0F0F0F0F0F0F0F, 0xFFFFFFFF00000000);
}

// The diagonals of a word's 8x8 bits, a byte each.
constexpr std::uint64_t diagonals(std::uint64_t word) {
    return transposed(turned(word));
}

}  // namespace

Layout::Layout(int bits) : bytes_(bits / 8), words_((bits + 63) / 64) {
    if (bits < 8 || bits > max_bits || bits % 8 != 0) {
        throw std::invalid_argument("bits: expected a multiple of 8 from 8 to " +
                                    std::to_string(max_bits) + ", got " + std::to_string(bits));
    }
}

void Layout::pack(const std::uint8_t* hash, std::uint64_t* words) const {
    if (bytes_ != 8 * pdq_words) {
        words[words_ - 1] = 0;
        std::memcpy(words, hash, static_cast<std::size_t>(bytes_));
        return;
    }
    std::array<std::uint64_t, pdq_words> in;
    std::memcpy(in.data(), hash, sizeof(in));
    words[0] = even_bytes(in[2] >> 8) | even_bytes(in[3] >> 8) << 32;
    words[1] = even_bytes(in[2]) | even_bytes(in[3]) << 32;
    words[2] = even_bytes(in[0] >> 8) | even_bytes(in[1] >> 8) << 32;
    words[3] = even_bytes(in[0]) | even_bytes(in[1]) << 32;
}

void Layout::unpack(const std::uint64_t* words, std::uint8_t* hash) const {
    if (bytes_ != 8 * pdq_words) {
        std::memcpy(hash, words, static_cast<std::size_t>(bytes_));
        return;
    }
    const std::array<std::uint64_t, pdq_words> out{
        to_even_bytes(words[2]) << 8 | to_even_bytes(words[3]),
        to_even_bytes(words[2] >> 32) << 8 | to_even_bytes(words[3] >> 32),
        to_even_bytes(words[0]) << 8 | to_even_bytes(words[1]),
        to_even_bytes(words[0] >> 32) << 8 | to_even_bytes(words[1] >> 32),
    };
    std::memcpy(hash, out.data(), sizeof(out));
}

void Layout::spread(const std::uint64_t* words, std::uint64_t* out) const {
    if (bytes_ != 8 * pdq_words) {
        std::memcpy(out, words, static_cast<std::size_t>(words_) * sizeof(*words));
        return;
    }
    for (int half = 0; half < pdq_words; half += 2) {
        const std::uint64_t first = diagonals(words[half]);
        const std::uint64_t second = diagonals(words[half + 1]);
        out[half] = to_even_bytes(first) | to_even_bytes(second) << 8;
        out[half + 1] = to_even_bytes(first >> 32) | to_even_bytes(second >> 32) << 8;
    }
}

}  // namespace hashmatch::hamming
