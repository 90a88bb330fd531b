// Fuzz target for what the core takes: sizes and bytes that nobody chose.
//
// LLVMFuzzerTestOneInput is libFuzzer's entry point: build it with clang++, -fsanitize=fuzzer,address
// and -DHASHMATCH_LIBFUZZER, with the sources that run.sh compiles. Without that the same target takes a
// fixed number of seeded random inputs. Every call has to end in a result or in std::invalid_argument,
// read nothing outside the bytes, and give the same on every ISA.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <stdexcept>
#include <vector>

#include "hashmatch/cpu.hpp"
#include "hashmatch/hamming_index.hpp"
#include "hashmatch/pdq.hpp"
#include "hashmatch/picture_hashes.hpp"

namespace {

using namespace hashmatch;

/// Takes the input apart; zeros where it has ended.
struct Input {
    const std::uint8_t* data;
    std::size_t size;

    int below(int limit) {
        int value = 0;
        for (int k = 0; k < 2; ++k) {
            value = 256 * value + (size > 0 ? *data : 0);
            if (size > 0) ++data, --size;
        }
        return value % limit;
    }

    /// n bytes in a heap block of exactly that size, so that one byte too far is seen.
    std::vector<std::uint8_t> bytes(std::size_t n) {
        std::vector<std::uint8_t> filled(n);
        for (std::size_t i = 0; i < n; ++i) filled[i] = size > 0 ? data[i % size] : 0;
        return filled;
    }
};

/// All that the core says of one picture, as bytes.
std::vector<std::uint8_t> said(const pdq::Pixels& pixels, int orientation) {
    std::vector<std::uint8_t> all;
    const auto keep = [&all](const auto& bytes) { all.insert(all.end(), bytes.begin(), bytes.end()); };
    const auto attempt = [&all](auto work) {
        try {
            work();
        } catch (const std::invalid_argument&) {
            all.push_back(0xEE);
        }
    };
    attempt([&] { keep(pdq::hash(pixels, orientation).hash); });
    attempt([&] {
        for (const auto& row : pdq::hash_dihedral(pixels, orientation).hashes) keep(row);
    });
    attempt([&] {
        const pdq::Cells cells{pixels, pixels.height * 2 - orientation % 2, pixels.width * 2, 2};
        for (const auto& row : pdq::hash_cells(cells).hashes) keep(row);
    });
    attempt([&] { keep(picture::average(pixels).bytes); });
    attempt([&] { keep(picture::difference(pixels).bytes); });
    attempt([&] { keep(picture::frequency(pixels, orientation % 2 == 0 ? 8 : 16).bytes); });
    attempt([&] { keep(picture::wavelet(pixels).bytes); });
    attempt([&] { keep(picture::blockhash_quick(pixels).bytes); });
    attempt([&] { keep(picture::blockhash_precise(pixels).bytes); });
    attempt([&] {
        if (picture::is_stretched(pixels)) keep(picture::stretched(pixels));
    });
    return all;
}

void search(Input& input) {
    const int bits = 8 * (1 + input.below(80));
    const int n = input.below(60);
    const int radius = input.below(bits + 2);
    hamming::Index index(bits, true);
    const auto hashes = input.bytes(static_cast<std::size_t>(n * bits / 8));
    index.add(hashes.data(), n);
    hamming::Work work;
    const auto found = hamming::range_search(*index.snapshot(), hashes.data(), std::min(n, 9),
                                             {radius, false, 0}, {}, work);
    if (n > 0 && found.ids.empty()) std::abort();  // each query is in the index
    std::int64_t id = input.below(70);
    try {
        index.remove(&id, 1);
        if (id >= n) std::abort();
    } catch (const std::invalid_argument&) {
        if (id < n) std::abort();
    }
    hamming::knn(*index.snapshot(), hashes.data(), std::min(n, 3), 5, {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input{data, size};
    search(input);
    const int channels = input.below(5);  // 0, 2 and 4 are refused
    const std::int64_t height = input.below(input.below(8) == 0 ? 20000 : 300);
    const std::int64_t width = input.below(height > 400 ? 20 : 700);
    const int orientation = input.below(8);
    const auto samples = input.bytes(static_cast<std::size_t>(height * width * channels));
    const pdq::Pixels pixels{samples.data(), height, width, channels};
    std::vector<std::uint8_t> first;
    for (const cpu::Isa isa : cpu::available()) {
        cpu::use(isa);
        const auto now = said(pixels, orientation);
        if (isa == cpu::available().front()) first = now;
        if (now != first) std::abort();
    }
    return 0;
}

#if !defined(HASHMATCH_LIBFUZZER)
int main() {
    std::mt19937_64 random(20261125);
    constexpr int inputs = 400;
    for (int i = 0; i < inputs; ++i) {
        std::vector<std::uint8_t> data(random() % 3000);
        const auto low = static_cast<unsigned>(random() % 256);  // flat stretches decide by rounding
        for (auto& byte : data) byte = static_cast<std::uint8_t>(i % 3 == 0 ? low : random());
        for (std::size_t k = 0; k < std::min<std::size_t>(data.size(), 24); ++k) {
            data[k] = static_cast<std::uint8_t>(random());
        }
        LLVMFuzzerTestOneInput(data.data(), data.size());
    }
    std::printf("%d fuzzed inputs, none crashed, all ISAs agree\n", inputs);
    return 0;
}
#endif
