// Registration alone, without Python: every ISA against serial at ordinary and extreme placements, on
// heap buffers of the exact size, so that the address sanitizer sees any byte read past the end.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "hashmatch/cpu.hpp"
#include "hashmatch/registration.hpp"

namespace cpu = hashmatch::cpu;
namespace pdq = hashmatch::pdq;
namespace registration = hashmatch::registration;

using registration::Effort;
using registration::Placement;
using registration::Query;
using registration::Refined;
using registration::Window;

namespace {

long checks = 0;
long failures = 0;
std::uint64_t digest = 0xcbf29ce484222325;  // FNV-1a of every answer

/// All answers to the seeded pictures, hashed: the same on every processor and with every compiler.
constexpr std::uint64_t expected_digest = 14975563933181808461U;

constexpr std::size_t compact_bytes = std::size_t{registration::side} * registration::side;

void check(bool holds, const std::string& what) {
    ++checks;
    if (holds) return;
    if (++failures <= 20) std::printf("FAILED: %s\n", what.c_str());
}

enum class Kind { noise, smooth, flat, step };

std::unique_ptr<std::uint8_t[]> compact_of(Kind kind, std::mt19937_64& rng) {
    std::unique_ptr<std::uint8_t[]> luma(new std::uint8_t[compact_bytes]);
    int level = 128;
    for (std::size_t i = 0; i < compact_bytes; ++i) {
        const auto x = static_cast<int>(i % registration::side);
        const auto y = static_cast<int>(i / registration::side);
        switch (kind) {
            case Kind::noise:
                luma[i] = static_cast<std::uint8_t>(rng());
                break;
            case Kind::flat:
                luma[i] = 77;
                break;
            case Kind::step:
                luma[i] = x > 100 ? 255 : 0;
                break;
            case Kind::smooth:
                level = std::clamp(level + static_cast<int>(rng() % 9) - 4, 0, 255);
                luma[i] = static_cast<std::uint8_t>((level + x + y) / 3);
                break;
        }
    }
    return luma;
}

// The limits that refinement keeps to, and a few ordinary ones.
std::vector<Placement> placements_of(bool extended) {
    std::vector<Placement> all{
        {0, 0, 0, 0, 0},
        {-4, -4, -4, -4, 0},
        {-0.06F, 0, -0.1F, -0.25F, 2},
        {0, -4, -4, 0, -9},
    };
    if (extended) {
        all.insert(all.end(), {{0.48F, 0.32F, 0.48F, 0.32F, 0},
                               {0.4F, 0.4F, -4, 0.48F, 9},
                               {0.48F, -4, 0.07F, 0.14F, -9},
                               {0.07F, 0.14F, 0, -0.06F, 0.25F},
                               {0.03F, 0.24F, 0.1F, 0.17F, 0}});
    }
    return all;
}

void append(std::vector<std::uint8_t>& to, const void* bytes, std::size_t n) {
    const auto* from = static_cast<const std::uint8_t*>(bytes);
    to.insert(to.end(), from, from + n);
}

void check_refined(const Refined& refined, const std::uint8_t* wanted) {
    const Placement& at = refined.placement;
    int bits = 0;
    for (std::size_t k = 0; k < refined.hash.size(); ++k) {
        bits += std::popcount(static_cast<unsigned>(refined.hash[k] ^ wanted[k]));
    }
    check(bits == refined.distance, "distance is that of the hash");
    check(std::isfinite(refined.weighted) && refined.weighted >= 0 && refined.weighted <= 256,
          "weighted distance is one");
    check(refined.evaluations > 0, "something was tried");
    check(std::abs(at.angle) <= 9 && std::round(at.angle * 4) == at.angle * 4, "angle");
    for (const float edge : {at.left, at.right, at.top, at.bottom}) {
        check(edge <= 0.48F && edge >= -4, "edges within their limits");
    }
    check(1 - at.left - at.right >= 0.199F && 1 - at.top - at.bottom >= 0.199F, "enough is shown");
}

/// Hashes at every placement and refinements from them, as one row of bytes.
std::vector<std::uint8_t> everything(const std::uint8_t* compact, float aspect, const Window& window,
                                     bool extended, const std::uint8_t* wanted, cpu::Isa isa) {
    cpu::use(isa);
    Query query(compact, aspect, window, extended);
    const std::vector<Placement> placements = placements_of(extended);
    const std::size_t n = placements.size();
    std::vector<std::uint8_t> all;
    for (int orientation = 0; orientation < pdq::orientations; ++orientation) {
        const std::unique_ptr<std::uint8_t[]> hashes(new std::uint8_t[n * pdq::hash_bytes]);
        query.hashes(placements.data(), static_cast<std::int64_t>(n), orientation, hashes.get());
        append(all, hashes.get(), n * pdq::hash_bytes);
        const std::size_t start = static_cast<std::size_t>(orientation) % n;
        const Effort effort{.rounds = 3, .hopeless = {256, 256, 256}, .weighing = 2};
        const Refined refined = query.refine(wanted, placements[start], orientation, effort);
        check_refined(refined, wanted);
        const float values[] = {refined.weighted,         refined.placement.left,
                                refined.placement.right,  refined.placement.top,
                                refined.placement.bottom, refined.placement.angle};
        append(all, values, sizeof values);
        append(all, refined.hash.data(), refined.hash.size());
        all.push_back(static_cast<std::uint8_t>(refined.coarse));
        all.push_back(static_cast<std::uint8_t>(refined.evaluations));
    }
    return all;
}

void check_picture(Kind kind, float aspect, const Window& window, bool extended, std::mt19937_64& rng) {
    const std::unique_ptr<std::uint8_t[]> compact = compact_of(kind, rng);
    const std::unique_ptr<std::uint8_t[]> wanted(new std::uint8_t[pdq::hash_bytes]());
    if (rng() % 3 != 0) {  // else the hash of nothing
        for (int k = 0; k < pdq::hash_bytes; ++k) wanted[k] = static_cast<std::uint8_t>(rng());
    }
    const auto made = [&](cpu::Isa isa) {
        return everything(compact.get(), aspect, window, extended, wanted.get(), isa);
    };
    const std::vector<std::uint8_t> expected = made(cpu::Isa::serial);
    for (const std::uint8_t byte : expected) digest = (digest ^ byte) * 0x100000001b3;
    for (const cpu::Isa isa : cpu::available()) {
        check(made(isa) == expected, std::string(cpu::name(isa)) + " differs from serial");
    }
}

}  // namespace

int main() {
    std::mt19937_64 rng(20261129);
    const Window whole{};
    const Window part{0.11F, 0.05F, 0.7F, 0.98F};
    const Window sliver{0.5F, 0.25F, 0.504F, 1};
    for (const bool extended : {true, false}) {
        for (const Kind kind : {Kind::noise, Kind::smooth, Kind::flat, Kind::step}) {
            check_picture(kind, 1.5F, whole, extended, rng);
            check_picture(kind, 0.75F, part, extended, rng);
        }
        check_picture(Kind::noise, 20, sliver, extended, rng);
        check_picture(Kind::smooth, 0.05F, whole, extended, rng);
    }
    check(digest == expected_digest, "digest of all answers: " + std::to_string(digest));
    std::printf("%ld checks of registration, %ld failed\n", checks, failures);
    return failures == 0 ? 0 : 1;
}
