// Multi-index probes, AVX-512 with VPOPCNTDQ.
//
// Computes   16 entries a load, popcount of their extra bits against the query's, positions compressed
// in
//            a register and stored whole (a compressing store to memory is microcode on Zen 4).
// Needs      AVX512F, VL, DQ, BW, VPOPCNTDQ and ZMM state; POPCNT for single hashes.
// Limits     stores up to 15 positions beyond the last one.
// Spec       probe_serial.cpp gives the same hits; tests/index compares.
#include "hamming/probe_kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#if !defined(__clang__)
// gcc 12's own avx512fintrin.h starts "undefined" vectors from themselves and warns about it here.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx512vpopcntdq,popcnt")
#include "hamming/probe_loops.hpp"

namespace hashmatch::hamming {
namespace {

constexpr std::uint32_t lanes = 16;

std::int64_t narrow(const Bucket* buckets, std::int64_t n, int position_bits, std::uint32_t* out) {
    const __m512i mask = _mm512_set1_epi32((1 << position_bits) - 1);
    std::int64_t found = 0;
    for (std::int64_t b = 0; b < n; ++b) {
        const Bucket& bucket = buckets[b];
        const __m512i extra = _mm512_set1_epi32(static_cast<int>(bucket.extra));
        const __m512i own_mask = _mm512_set1_epi32(static_cast<int>(bucket.own_mask));
        const __m512i own_allowed = _mm512_set1_epi32(bucket.own_allowed);
        const __m512i all_allowed = _mm512_set1_epi32(bucket.all_allowed);
        for (std::uint32_t i = 0; i < bucket.size; i += lanes) {
            const std::uint32_t left = bucket.size - i;
            const auto there = static_cast<__mmask16>(left >= lanes ? 0xFFFF : (1U << left) - 1);
            const __m512i entries = _mm512_maskz_loadu_epi32(there, bucket.entries + i);
            const __m512i apart = _mm512_andnot_si512(mask, _mm512_xor_si512(entries, extra));
            const __m512i own = _mm512_popcnt_epi32(_mm512_and_si512(apart, own_mask));
            const __mmask16 own_near = _mm512_mask_cmple_epi32_mask(there, own, own_allowed);
            const __mmask16 near =
                _mm512_mask_cmple_epi32_mask(own_near, _mm512_popcnt_epi32(apart), all_allowed);
            const __m512i positions = _mm512_and_si512(entries, mask);
            _mm512_storeu_si512(out + found, _mm512_maskz_compress_epi32(near, positions));
            found += __builtin_popcount(near);
        }
    }
    return found;
}

}  // namespace

const ProbeKernels probe_avx512{narrow, verify_plain};

}  // namespace hashmatch::hamming

#pragma GCC pop_options
#endif
