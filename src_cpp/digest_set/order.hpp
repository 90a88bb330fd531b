// The order of records and digests: that of their bytes, compared eight at a time.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace hashmatch::digest_set {

inline std::uint64_t word_at(const std::uint8_t* bytes) {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
    return word;
}

/// The last word of a width that is no multiple of eight: its bytes on top, zeros below.
inline std::uint64_t half_word_at(const std::uint8_t* bytes) {
    std::uint32_t word;
    std::memcpy(&word, bytes, sizeof word);
    if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap32(word);
    return std::uint64_t{word} << 32;
}

/// `Width` bytes as words whose order is that of the bytes.
template <int Width>
struct Key {
    static_assert(Width % 8 == 0 || Width % 8 == 4);
    static constexpr int words = (Width + 7) / 8;
    std::uint64_t word[words];

    static std::uint64_t read(const std::uint8_t* bytes, int i) {
        return Width % 8 != 0 && i == words - 1 ? half_word_at(bytes + 8 * i) : word_at(bytes + 8 * i);
    }
    static Key of(const std::uint8_t* bytes) {
        Key key;
        for (int i = 0; i < words; ++i) key.word[i] = read(bytes, i);
        return key;
    }
    bool above(const std::uint8_t* bytes) const {
        for (int i = 0; i < words; ++i) {
            const std::uint64_t other = read(bytes, i);
            if (other != word[i]) return other < word[i];
        }
        return false;
    }
    bool equals(const std::uint8_t* bytes) const {
        for (int i = 0; i < words; ++i)
            if (read(bytes, i) != word[i]) return false;
        return true;
    }
};

/// The leading bits of a digest.
inline std::uint64_t leading(std::uint64_t first_word, int bits) {
    return bits == 0 ? 0 : first_word >> (64 - bits);
}

/// Calls `run` with the number of bytes as a constant.
template <typename Run>
auto with_stride(int stride, Run run) {
    switch (stride) {
        case 16:
            return run.template operator()<16>();
        case 20:
            return run.template operator()<20>();
        case 24:
            return run.template operator()<24>();
        case 28:
            return run.template operator()<28>();
        case 32:
            return run.template operator()<32>();
        case 40:
            return run.template operator()<40>();
        default:
            throw std::invalid_argument("records: expected 16, 20, 24, 28, 32 or 40 bytes");
    }
}

}  // namespace hashmatch::digest_set
