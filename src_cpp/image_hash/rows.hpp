// The two inner loops of luma and resize, one implementation per ISA. Integers: all give the same.
#pragma once

#include <cstdint>

#include "hashmatch/cpu.hpp"
#include "image_hash/lanczos.hpp"

namespace hashmatch::picture {

struct RowKernels {
    /// out[x] = (19595 r + 38470 g + 7471 b + 32768) >> 16 of interleaved RGB.
    void (*luma)(const std::uint8_t* rgb, std::int64_t width, std::uint8_t* out);

    /// out[i] = the filter's i-th weighted sum of the row, as a byte. `row` is readable for
    /// Filter::step bytes past its end.
    void (*resize)(const std::uint8_t* row, const Filter& filter, std::uint8_t* out);
};

extern const RowKernels row_kernels_serial;
#if defined(__x86_64__)
extern const RowKernels row_kernels_avx2;
#endif

/// AVX-512 takes AVX2's: wider shuffles were not worth a file beside luma's memory traffic. NEON takes
/// serial's, which the compiler vectorises there (it has a 32-bit multiply).
inline const RowKernels& row_kernels_for(cpu::Isa isa) {
#if defined(__x86_64__)
    if (isa == cpu::Isa::avx2 || isa == cpu::Isa::avx512) return row_kernels_avx2;
#endif
    static_cast<void>(isa);
    return row_kernels_serial;
}

}  // namespace hashmatch::picture
