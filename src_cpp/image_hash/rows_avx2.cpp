// Luma and resize of one row, AVX2.
//
// Computes   luma: 8 pixels a step; the bytes are spread to pairs (r, g) and (g, b) of 16 bits, whose
//            VPMADDWD by (19595, 19235) and (19235, 7471) add up to the weighted sum: 38470 = 2 * 19235
//            would not fit a signed 16-bit weight.
//            resize: 16 samples a step, VPMADDWD by the high and the low half of the weights. Sums may
//            wrap on the way; the result is below 2^31, so it is exact.
// Needs      AVX2 and YMM state.
// Limits     reads up to 15 bytes past the row in resize (rows.hpp), none in luma.
// Cost       benchmarks/results/ (bench_image_hashes)
// Spec       rows_serial.cpp; tests/hashing and tests/native compare bit for bit.
#include "image_hash/rows.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2")

namespace hashmatch::picture {
namespace {

// The 8 pixels that start at p as 32-bit luma; reads 28 bytes.
inline __m256i luma8(const std::uint8_t* p) {
    const __m256i bytes = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))),
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 12)), 1);
    constexpr char z = -1;
    const __m256i red_green = _mm256_setr_epi8(0, z, 1, z, 3, z, 4, z, 6, z, 7, z, 9, z, 10, z, 0, z, 1,
                                               z, 3, z, 4, z, 6, z, 7, z, 9, z, 10, z);
    const __m256i green_blue = _mm256_setr_epi8(1, z, 2, z, 4, z, 5, z, 7, z, 8, z, 10, z, 11, z, 1, z,
                                                2, z, 4, z, 5, z, 7, z, 8, z, 10, z, 11, z);
    const __m256i first = _mm256_madd_epi16(_mm256_shuffle_epi8(bytes, red_green),
                                            _mm256_set1_epi32(19595 | (19235 << 16)));
    const __m256i second = _mm256_madd_epi16(_mm256_shuffle_epi8(bytes, green_blue),
                                             _mm256_set1_epi32(19235 | (7471 << 16)));
    const __m256i sum = _mm256_add_epi32(_mm256_add_epi32(first, second), _mm256_set1_epi32(32768));
    return _mm256_srli_epi32(sum, 16);
}

void luma(const std::uint8_t* rgb, std::int64_t width, std::uint8_t* out) {
    std::int64_t x = 0;
    // 16 pixels are 48 bytes; the second load of the second half ends at byte 52.
    for (; x + 18 <= width; x += 16) {
        const __m256i words = _mm256_packus_epi32(luma8(rgb + 3 * x), luma8(rgb + 3 * x + 24));
        // 64-bit quarters hold pixels 0-3, 8-11, 4-7, 12-15.
        const __m256i ordered = _mm256_permute4x64_epi64(words, 0xD8);
        const __m128i bytes =
            _mm_packus_epi16(_mm256_castsi256_si128(ordered), _mm256_extracti128_si256(ordered, 1));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + x), bytes);
    }
    row_kernels_serial.luma(rgb + 3 * x, width - x, out + x);
}

inline std::int32_t total(__m256i v) {
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}

// A function: a lambda without captures has a static twin outside the target region.
inline __m256i load(const std::int16_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}

void resize(const std::uint8_t* row, const Filter& filter, std::uint8_t* out) {
    for (const Filter::Window& window : filter.windows) {
        const std::uint8_t* in = row + window.first;
        const std::int16_t* high = &filter.high[window.offset];
        const std::int16_t* low = &filter.low[window.offset];
        __m256i high_sum = _mm256_setzero_si256();
        __m256i low_sum = _mm256_setzero_si256();
        for (std::int64_t k = 0; k < window.count; k += Filter::step) {
            const __m256i samples =
                _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + k)));
            high_sum = _mm256_add_epi32(high_sum, _mm256_madd_epi16(samples, load(high + k)));
            low_sum = _mm256_add_epi32(low_sum, _mm256_madd_epi16(samples, load(low + k)));
        }
        const __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high_sum, 12), low_sum);
        const __m256i rounded =
            _mm256_add_epi32(sum, _mm256_setr_epi32(1 << (weight_bits - 1), 0, 0, 0, 0, 0, 0, 0));
        *out++ = to_byte(total(rounded));
    }
}

}  // namespace

const RowKernels row_kernels_avx2{luma, resize};

}  // namespace hashmatch::picture

#pragma GCC pop_options
#endif
