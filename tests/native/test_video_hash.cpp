// Frames' planes and TMK without Python: buffers of the exact size, so that the address sanitizer sees
// any byte read past a row that is not padded.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include "hashmatch/cpu.hpp"
#include "hashmatch/pdq.hpp"
#include "hashmatch/pdq_plane.hpp"
#include "hashmatch/tmk.hpp"

namespace cpu = hashmatch::cpu;
namespace pdq = hashmatch::pdq;
namespace tmk = hashmatch::tmk;

namespace {

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "failed: %s\n", what);
    std::exit(1);
}

/// Rows of `stride` bytes; the last one ends with its last sample.
std::unique_ptr<std::uint8_t[]> noise(const pdq::Plane& plane, std::mt19937& random) {
    const std::int64_t n = (plane.height - 1) * plane.stride + plane.width * plane.channels;
    auto data = std::make_unique<std::uint8_t[]>(n);
    for (std::int64_t k = 0; k < n; ++k) data[k] = static_cast<std::uint8_t>(random());
    return data;
}

void test_planes() {
    std::mt19937 random(20261129);
    const auto isas = cpu::available();
    for (const std::int64_t height : {5, 64, 65, 240, 600}) {
        for (const std::int64_t width : {5, 64, 127, 430}) {
            for (const int channels : {1, 3}) {
                for (const std::int64_t padding : {0, 1, 58}) {
                    const bool full_range = random() % 2 == 0;
                    const std::int64_t row = width * channels;
                    pdq::Plane plane{nullptr, height, width, row + padding, channels, full_range};
                    const auto data = noise(plane, random);
                    plane.data = data.get();
                    std::vector<std::uint8_t> packed(row * height);
                    for (std::int64_t y = 0; y < height; ++y) {
                        std::copy_n(&data[y * plane.stride], row, &packed[y * row]);
                    }
                    pdq::Plane tight = plane;
                    tight.data = packed.data();
                    tight.stride = row;
                    cpu::use(cpu::Isa::serial);
                    const auto expected = pdq::hash_plane_dihedral(tight);
                    for (const cpu::Isa isa : isas) {
                        cpu::use(isa);
                        const auto found = pdq::hash_plane_dihedral(plane);
                        require(found.hashes == expected.hashes, "padded rows give the same hashes");
                        require(found.quality == expected.quality, "padded rows give the same quality");
                        for (const int k : {0, 1, 5}) {
                            const auto one = pdq::hash_plane(plane, k);
                            require(one.hash == expected.hashes[k], "one turn is a row of the eight");
                        }
                    }
                }
            }
        }
    }
}

template <typename Call>
void require_refused(Call call, const char* what) {
    try {
        call();
    } catch (const std::invalid_argument&) {
        return;
    }
    require(false, what);
}

void test_refusals() {
    const std::vector<std::uint8_t> data(64 * 64 * 3);
    require_refused([&] { pdq::hash_plane({data.data(), 4, 64, 64, 1, true}); }, "too small");
    require_refused([&] { pdq::hash_plane({data.data(), 64, 64, 63, 1, true}); }, "stride below a row");
    require_refused([&] { pdq::hash_plane({data.data(), 8, 8, 16, 2, true}); }, "two channels");
    require_refused([&] { pdq::hash_plane({data.data(), 64, 64, 64, 1, true}, 8); }, "orientation");
}

void test_tmk() {
    std::mt19937 random(7);
    std::normal_distribution<float> normal(0, 50);
    std::vector<float> features(40 * tmk::dimension);
    for (float& value : features) value = normal(random);
    tmk::Builder together;
    together.add(features.data(), 40);
    tmk::Builder apart;
    for (int k = 0; k < 40; ++k) apart.add(&features[k * tmk::dimension], 1);
    const tmk::Features a = together.finish();
    const tmk::Features b = apart.finish();
    require(a.n_frames == 40 && a.average == b.average, "frames one by one: average");
    require(a.cosines == b.cosines && a.sines == b.sines, "frames one by one: waves");
    double squares = 0;
    for (int d = 0; d < tmk::dimension; ++d) {
        const double value = a.cosines[5 * tmk::dimension + d];
        squares += value * value;
    }
    require(std::fabs(squares - tmk::fourier_coefficients()[5]) < 1e-6, "length of a wave's vector");
    const tmk::Features nothing = tmk::Builder().finish();
    require(nothing.n_frames == 0 && nothing.average == std::vector<float>(tmk::dimension), "no frame");
}

}  // namespace

int main() {
    test_planes();
    test_refusals();
    test_tmk();
    std::puts("video hash: ok");
    return 0;
}
