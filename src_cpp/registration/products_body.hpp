#pragma once

// The loops themselves, compiled once in each target region: vectors lie across independent outputs, so
// a target changes how many of them one instruction takes and never a result. To be included inside a
// target region, in an anonymous namespace, after
//   lanes      floats of the target's vectors,
//   vectors    of samples, and
//   together   rows of `frequencies` sums, that its registers hold at once.

typedef float Lanes __attribute__((vector_size(lanes * sizeof(float))));
constexpr int per_row = frequencies / lanes;

// Memory is loaded and stored through references, never passed by value: the calling convention for
// such vectors differs by target.
#define HASHMATCH_LANES(pointer) (*reinterpret_cast<const Lanes*>(pointer))
#define HASHMATCH_LANES_OUT(pointer) (*reinterpret_cast<Lanes*>(pointer))

void rows(const float* __restrict samples, const Axis& axis, float* __restrict out) {
    constexpr int k_together = 4;  // frequencies
    for (int x = 0; x < side; x += vectors * lanes) {
        for (int f = 0; f < frequencies; f += k_together) {
            Lanes sums[k_together][vectors] = {};
            for (int y = axis.first; y < axis.last; ++y) {
                const float* in = samples + y * side + x;
                const float* weight = &axis.weights[y * frequencies + f];
#pragma GCC unroll 4
                for (int v = 0; v < vectors; ++v) {
                    const Lanes sample = HASHMATCH_LANES(in + v * lanes);
#pragma GCC unroll 4
                    for (int k = 0; k < k_together; ++k) sums[k][v] += weight[k] * sample;
                }
            }
            for (int k = 0; k < k_together; ++k) {
                for (int v = 0; v < vectors; ++v) {
                    HASHMATCH_LANES_OUT(out + (f + k) * side + x + v * lanes) = sums[k][v];
                }
            }
        }
    }
}

// out[r][f] = sum over n in [first, last) of scalars[r * row_step + n * step] * weights[n][f].
inline __attribute__((always_inline)) void sum_rows(const float* __restrict scalars, int row_step,
                                                    int step, const float* __restrict weights, int first,
                                                    int last, int n_rows, float* __restrict out) {
    for (int r = 0; r < n_rows; r += together) {
        Lanes sums[together][per_row] = {};
        for (int n = first; n < last; ++n) {
#pragma GCC unroll 4
            for (int v = 0; v < per_row; ++v) {
                const Lanes weight = HASHMATCH_LANES(weights + n * frequencies + v * lanes);
#pragma GCC unroll 16
                for (int k = 0; k < together; ++k) {
                    sums[k][v] += scalars[(r + k) * row_step + n * step] * weight;
                }
            }
        }
        for (int k = 0; k < together; ++k) {
            for (int v = 0; v < per_row; ++v) {
                HASHMATCH_LANES_OUT(out + (r + k) * frequencies + v * lanes) = sums[k][v];
            }
        }
    }
}

void columns(const float* samples, const Axis& axis, float* out) {
    sum_rows(samples, side, 1, axis.weights.data(), axis.first, axis.last, side, out);
}

void from_rows(const float* in, const Axis& axis, float* out) {
    sum_rows(in, side, 1, axis.weights.data(), axis.first, axis.last, frequencies, out);
}

void from_columns(const float* in, const Axis& axis, float* out) {
    sum_rows(axis.weights.data(), 1, frequencies, in, axis.first, axis.last, frequencies, out);
}

void turn(const float* __restrict samples, std::array<float, 4> matrix, float* __restrict out) {
    constexpr float middle = (side - 1) / 2.0F;
    constexpr float end = side - 1.001F;  // the sample to the right and the one below are there
    for (int y = 0; y < side; ++y) {
        const float down = static_cast<float>(y) - middle;
#pragma GCC ivdep
        for (int x = 0; x < side; ++x) {
            const float right = static_cast<float>(x) - middle;
            float from_x = matrix[0] * right + matrix[1] * down + middle;
            float from_y = matrix[2] * right + matrix[3] * down + middle;
            from_x = from_x > 0 ? from_x : 0;
            from_x = from_x < end ? from_x : end;
            from_y = from_y > 0 ? from_y : 0;
            from_y = from_y < end ? from_y : end;
            const int left = static_cast<int>(from_x);
            const int top = static_cast<int>(from_y);
            const float across = from_x - static_cast<float>(left);
            const float below = from_y - static_cast<float>(top);
            const float* at = samples + top * side + left;
            const float upper = at[0] + across * (at[1] - at[0]);
            const float lower = at[side] + across * (at[side + 1] - at[side]);
            out[y * side + x] = upper + below * (lower - upper);
        }
    }
}

#undef HASHMATCH_LANES
#undef HASHMATCH_LANES_OUT
