// How many 256-bit comparisons a second the popcount units allow: XOR, popcount, add and compare of
// registers, nothing from memory. Prints G comparisons/s for AVX-512 (VPOPCNTDQ) and for scalar POPCNT.
#include <immintrin.h>

#include <chrono>
#include <cstdint>
#include <cstdio>

namespace {

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

__attribute__((target("avx512f,avx512vpopcntdq"))) double vectors() {
    constexpr long rounds = 50'000'000;
    __m512i words[4];
    for (int w = 0; w < 4; ++w) words[w] = _mm512_set1_epi64(0x0123456789ABCDEF * (w + 1));
    __m512i query = _mm512_set1_epi64(1);
    __m512i nearest = _mm512_set1_epi64(1 << 20);
    const double start = seconds();
    for (long i = 0; i < rounds; ++i) {
        __m512i sums = _mm512_popcnt_epi64(_mm512_xor_si512(words[0], query));
        for (int w = 1; w < 4; ++w) {
            sums = _mm512_add_epi64(sums, _mm512_popcnt_epi64(_mm512_xor_si512(words[w], query)));
        }
        nearest = _mm512_min_epi32(nearest, sums);
        asm volatile("" : "+v"(words[0]), "+v"(words[1]), "+v"(words[2]), "+v"(words[3]), "+v"(query));
    }
    asm volatile("" : "+v"(nearest));
    return 8.0 * rounds / (seconds() - start) / 1e9;
}

__attribute__((target("popcnt"))) double scalar() {
    constexpr long rounds = 200'000'000;
    std::uint64_t a = 1, b = 2, c = 3, d = 4, query = 5;
    std::uint64_t near = 0;
    const double start = seconds();
    for (long i = 0; i < rounds; ++i) {
        const int sum = __builtin_popcountll(a ^ query) + __builtin_popcountll(b ^ query) +
                        __builtin_popcountll(c ^ query) + __builtin_popcountll(d ^ query);
        near += sum <= 31;
        asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(query));
    }
    asm volatile("" : "+r"(near));
    return rounds / (seconds() - start) / 1e9;
}

}  // namespace

int main() {
    const bool wide = __builtin_cpu_supports("avx512vpopcntdq") != 0;
    std::printf("{\"avx512\": %.2f, \"scalar\": %.2f}\n", wide ? vectors() : 0.0, scalar());
}
