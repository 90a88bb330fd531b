// The inner loops of a placement's coefficients, one implementation per ISA.
#pragma once

#include <array>

#include "hashmatch/cpu.hpp"
#include "registration/axis.hpp"

namespace hashmatch::registration {

constexpr int frequencies = pdq::frequencies;

/// Matrix products in float32; every output is one sum in ascending order of what it runs over.
struct Kernels {
    /// out[f][x] = sum over y of axis[y][f] * samples[y][x].
    void (*rows)(const float* samples, const Axis& axis, float* out);

    /// out[y][f] = sum over x of samples[y][x] * axis[x][f].
    void (*columns)(const float* samples, const Axis& axis, float* out);

    /// out[i][j] = sum over x of rows[i][x] * axis[x][j].
    void (*from_rows)(const float* rows, const Axis& axis, float* out);

    /// out[i][j] = sum over y of axis[y][i] * columns[y][j].
    void (*from_columns)(const float* columns, const Axis& axis, float* out);

    /// Bilinear samples at matrix (xx, xy, yx, yy) times the place from the middle, kept inside.
    void (*turn)(const float* samples, std::array<float, 4> matrix, float* out);
};

extern const Kernels kernels_serial;
#if defined(__x86_64__)
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
#endif

inline const Kernels& kernels_for(cpu::Isa isa) {
#if defined(__x86_64__)
    if (isa == cpu::Isa::avx512) return kernels_avx512;
    if (isa == cpu::Isa::avx2) return kernels_avx2;
#else
    (void)isa;  // the compiler's own vectors are NEON's
#endif
    return kernels_serial;
}

}  // namespace hashmatch::registration
