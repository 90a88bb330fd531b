#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include "hashmatch/hamming.hpp"

namespace hashmatch::hamming {

Base::Base(int bits) : bytes_(bits / 8), words_((bits + 63) / 64) {
    if (bits < 8 || bits > max_bits || bits % 8 != 0) {
        throw std::invalid_argument("bits: expected a multiple of 8 from 8 to " +
                                    std::to_string(max_bits) + ", got " + std::to_string(bits));
    }
}

std::uint64_t& Base::word(std::int64_t position, int w) {
    const std::int64_t block = position / block_hashes;
    return blocks_[(block * words_ + w) * block_hashes + position % block_hashes];
}

void Base::append(const std::uint8_t* hashes, std::int64_t n) {
    const std::int64_t blocks = (size_ + n + block_hashes - 1) / block_hashes;
    const auto needed = static_cast<std::size_t>(blocks * block_hashes * words_);
    // Growing by halves keeps a loop of single adds linear and a bulk add tight.
    if (needed > blocks_.capacity()) {
        blocks_.reserve(std::max(needed, blocks_.capacity() + blocks_.capacity() / 2));
    }
    blocks_.resize(needed, 0);
    std::vector<std::uint64_t> words(words_);
    for (std::int64_t i = 0; i < n; ++i) {
        pack(hashes + i * bytes_, words.data());
        for (int w = 0; w < words_; ++w) word(size_ + i, w) = words[w];
    }
    size_ += n;
}

void Base::move(std::int64_t from, std::int64_t to) {
    for (int w = 0; w < words_; ++w) word(to, w) = word(from, w);
}

void Base::truncate(std::int64_t size) {
    size_ = size;
    const std::int64_t blocks = (size + block_hashes - 1) / block_hashes;
    blocks_.resize(static_cast<std::size_t>(blocks * block_hashes * words_));
}

void Base::pack(const std::uint8_t* hash, std::uint64_t* words) const {
    words[words_ - 1] = 0;
    std::memcpy(words, hash, static_cast<std::size_t>(bytes_));
}

}  // namespace hashmatch::hamming
