// Weighted column sums and projection, NEON (AArch64).
//
// Computes   16 columns a step: UMULL bytes by weight to uint16, two rows added in uint16 (at most
//            255*127*2 = 64770), widened into int32 sums. Exact.
// Needs      Advanced SIMD, part of every AArch64.
// Limits     weights <= 127. Reads no byte outside the n_rows rows.
// Spec       columns_serial.cpp; tests/hashing and tests/native compare bit for bit.
#include "image_hash/columns.hpp"

#if defined(__aarch64__)
#include <arm_neon.h>

namespace hashmatch::pdq {
namespace {

void sum_columns(const Rows& rows, std::int64_t n_rows, const std::uint8_t* weights, float* out) {
    const std::int64_t whole = rows.n_bytes / 16 * 16;
    for (std::int64_t x = 0; x < whole; x += 16) {
        uint32x4_t sums[4] = {vdupq_n_u32(0), vdupq_n_u32(0), vdupq_n_u32(0), vdupq_n_u32(0)};
        for (std::int64_t r = 0; r < n_rows; r += 2) {
            const bool pair = r + 1 < n_rows;
            const uint8x16_t a = vld1q_u8(rows.data + r * rows.stride + x);
            const uint8x16_t b = vld1q_u8(rows.data + (pair ? r + 1 : r) * rows.stride + x);
            const uint8x8_t wa = vdup_n_u8(weights[r]);
            const uint8x8_t wb = vdup_n_u8(pair ? weights[r + 1] : 0);
            const uint16x8_t low = vmlal_u8(vmull_u8(vget_low_u8(a), wa), vget_low_u8(b), wb);
            const uint16x8_t high = vmlal_u8(vmull_u8(vget_high_u8(a), wa), vget_high_u8(b), wb);
            sums[0] = vaddw_u16(sums[0], vget_low_u16(low));
            sums[1] = vaddw_u16(sums[1], vget_high_u16(low));
            sums[2] = vaddw_u16(sums[2], vget_low_u16(high));
            sums[3] = vaddw_u16(sums[3], vget_high_u16(high));
        }
        for (int k = 0; k < 4; ++k) vst1q_f32(out + x + 4 * k, vcvtq_f32_u32(sums[k]));
    }
    sum_last_columns(rows, n_rows, weights, whole, out);
}

void project(const float* row, const Projection& projection, float* out) {
    for (int j = 0; j < side; ++j) {
        const float* v = row + projection.first[j];
        const float* w = &projection.weights[projection.offset[j]];
        float32x4_t lanes[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
        for (std::int64_t s = 0; s < projection.steps[j]; ++s, v += 16, w += 16) {
            for (int k = 0; k < 4; ++k) {
                // Multiply and add apart: a fused one would round differently from the other ISAs.
                lanes[k] = vaddq_f32(lanes[k], vmulq_f32(vld1q_f32(w + 4 * k), vld1q_f32(v + 4 * k)));
            }
        }
        const float32x4_t four = vaddq_f32(vaddq_f32(lanes[0], lanes[2]), vaddq_f32(lanes[1], lanes[3]));
        const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
        out[j] = vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
    }
}

}  // namespace

const Kernels kernels_neon{sum_columns, project};

}  // namespace hashmatch::pdq
#endif
