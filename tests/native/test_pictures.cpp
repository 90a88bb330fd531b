// The classic hashes alone, without Python: every ISA against serial, on heap buffers of the exact size,
// so that the address sanitizer sees any byte read past the end. run.sh builds and runs it.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hashmatch/cpu.hpp"
#include "hashmatch/picture_hashes.hpp"

namespace cpu = hashmatch::cpu;
namespace picture = hashmatch::picture;

namespace {

long checks = 0;
long failures = 0;
std::uint64_t digest = 0xcbf29ce484222325;  // FNV-1a of every answer

/// All answers to the seeded pictures, hashed: the same on every processor and with every compiler.
constexpr std::uint64_t expected_digest = 11939589511123650113U;

void check(bool holds, const std::string& what) {
    ++checks;
    if (holds) return;
    if (++failures <= 20) std::printf("FAILED: %s\n", what.c_str());
}

template <typename Call>
bool refuses(Call call) {
    try {
        call();
    } catch (const std::invalid_argument&) {
        return true;
    }
    return false;
}

using Hash = picture::Result (*)(const picture::Pixels&);

const std::vector<std::pair<const char*, Hash>> hashes{
    {"average", &picture::average},
    {"difference", &picture::difference},
    {"wavelet", &picture::wavelet},
    {"phash", [](const picture::Pixels& p) { return picture::frequency(p, 8); }},
    {"phash256", [](const picture::Pixels& p) { return picture::frequency(p, 16); }},
    {"blockhash quick", &picture::blockhash_quick},
    {"blockhash precise", &picture::blockhash_precise},
};

bool is_blockhash(const std::string& name) {
    return name.starts_with("blockhash");
}

/// Hashes and qualities of every kind, and a resize to an odd size, as one row of bytes.
std::vector<std::uint8_t> everything(const picture::Pixels& pixels, cpu::Isa isa) {
    cpu::use(isa);
    std::vector<std::uint8_t> all = picture::reduced_luma(pixels, 11, 37);
    for (const auto& [name, hash] : hashes) {
        if (is_blockhash(name) && std::min(pixels.height, pixels.width) < picture::blockhash_min_side) {
            check(refuses([&] { hash(pixels); }), std::string(name) + " below its minimum");
            continue;
        }
        const picture::Result result = hash(pixels);
        check(result.n_bytes == 8 || result.n_bytes == 32, name);
        check(result.firm_bits >= 0 && result.quality() <= 100, name);
        all.insert(all.end(), result.bytes.begin(), result.bytes.end());
        all.push_back(static_cast<std::uint8_t>(result.quality()));
    }
    if (picture::is_stretched(pixels)) {
        const std::vector<std::uint8_t> square = picture::stretched(pixels);
        all.insert(all.end(), square.begin(), square.end());
    }
    return all;
}

void check_picture(std::int64_t height, std::int64_t width, int channels, bool flat,
                   std::mt19937_64& rng) {
    const auto n = static_cast<std::size_t>(height * width * channels);
    const std::unique_ptr<std::uint8_t[]> bytes(new std::uint8_t[n]);
    for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::uint8_t>(rng());
    if (flat) std::fill_n(bytes.get(), n, bytes[0]);
    const picture::Pixels pixels{bytes.get(), height, width, channels};
    const std::vector<std::uint8_t> expected = everything(pixels, cpu::Isa::serial);
    for (const std::uint8_t byte : expected) digest = (digest ^ byte) * 0x100000001b3;
    for (const cpu::Isa isa : cpu::available()) {
        check(everything(pixels, isa) == expected,
              std::string(cpu::name(isa)) + ": " + std::to_string(height) + " x " +
                  std::to_string(width) + " x " + std::to_string(channels));
    }
    if (!flat) return;
    for (const auto& [name, hash] : hashes) {
        if (is_blockhash(name) && std::min(height, width) < picture::blockhash_min_side) continue;
        check(hash(pixels).quality() <= 1, std::string(name) + " of one colour");
    }
}

void test_refusals() {
    const std::uint8_t bytes[64] = {};
    for (const picture::Pixels& pixels :
         {picture::Pixels{bytes, 0, 0, 1}, picture::Pixels{bytes, 0, 9, 3},
          picture::Pixels{bytes, 9, 0, 1}, picture::Pixels{bytes, -4, 4, 1},
          picture::Pixels{bytes, 4, 4, 2}, picture::Pixels{bytes, 4, 4, 4}}) {
        for (const auto& [name, hash] : hashes) {
            check(refuses([&] { hash(pixels); }), std::string(name) + " takes what it should refuse");
        }
        check(refuses([&] { picture::reduced_luma(pixels, 8, 8); }), "reduced_luma");
        check(refuses([&] { picture::stretched(pixels); }), "stretched");
    }
    check(refuses([&] { picture::frequency({bytes, 8, 8, 1}, 12); }), "a side that is no phash's");
}

}  // namespace

int main() {
    std::mt19937_64 rng(20261125);
    for (const int channels : {1, 3}) {
        for (std::int64_t n = 1; n <= 70; ++n) {
            check_picture(1, n, channels, false, rng);
            check_picture(n, 1, channels, false, rng);
            check_picture(17, n, channels, false, rng);
            check_picture(n, 18, channels, n % 3 == 0, rng);
        }
        for (const auto& [height, width] :
             std::vector<std::pair<std::int64_t, std::int64_t>>{{8, 8},
                                                                {64, 64},
                                                                {32, 31},
                                                                {255, 257},
                                                                {300, 421},
                                                                {513, 129},
                                                                {1, 3000},
                                                                {3000, 1},
                                                                {512, 512},
                                                                {513, 512},
                                                                {6000, 20},
                                                                {20, 6000},
                                                                {1030, 700}}) {
            check_picture(height, width, channels, false, rng);
            check_picture(height, width, channels, true, rng);
        }
    }
    check(digest == expected_digest, "digest of all answers: " + std::to_string(digest));
    test_refusals();
    std::printf("%ld checks of the classic hashes, %ld failed\n", checks, failures);
    return failures == 0 ? 0 : 1;
}
