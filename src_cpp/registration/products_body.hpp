// The loops themselves, compiled once in each target region: vectors of 16 lanes that lie across
// independent outputs, so a target changes how many instructions one takes and never a result.
// To be included inside a target region, in an anonymous namespace, after `held`: how many such vectors
// of sums the target's registers hold (1, 2, 4, 8 or 16).

typedef float Lanes __attribute__((vector_size(64)));
static_assert(sizeof(Lanes) == frequencies * sizeof(float));

// Memory is loaded and stored through references, never passed by value: the calling convention for
// such vectors differs by target.
#define HASHMATCH_LANES(pointer) (*reinterpret_cast<const Lanes*>(pointer))
#define HASHMATCH_LANES_OUT(pointer) (*reinterpret_cast<Lanes*>(pointer))

void rows(const float* samples, const Axis& axis, float* out) {
    constexpr int vectors = held >= 16 ? 4 : held >= 4 ? 2 : 1;  // of samples
    constexpr int together = held / vectors;                     // frequencies
    for (int x = 0; x < side; x += vectors * frequencies) {
        for (int f = 0; f < frequencies; f += together) {
            Lanes sums[together][vectors] = {};
            for (int y = axis.first; y < axis.last; ++y) {
                const float* in = samples + y * side + x;
                const float* weight = &axis.weights[y * frequencies + f];
                for (int v = 0; v < vectors; ++v) {
                    const Lanes sample = HASHMATCH_LANES(in + v * frequencies);
                    for (int k = 0; k < together; ++k) sums[k][v] += weight[k] * sample;
                }
            }
            for (int k = 0; k < together; ++k) {
                for (int v = 0; v < vectors; ++v) {
                    HASHMATCH_LANES_OUT(out + (f + k) * side + x + v * frequencies) = sums[k][v];
                }
            }
        }
    }
}

void columns(const float* samples, const Axis& axis, float* out) {
    for (int y = 0; y < side; y += held) {
        Lanes sums[held] = {};
        for (int x = axis.first; x < axis.last; ++x) {
            const Lanes weight = HASHMATCH_LANES(&axis.weights[x * frequencies]);
            for (int k = 0; k < held; ++k) sums[k] += samples[(y + k) * side + x] * weight;
        }
        for (int k = 0; k < held; ++k) HASHMATCH_LANES_OUT(out + (y + k) * frequencies) = sums[k];
    }
}

void from_rows(const float* in, const Axis& axis, float* out) {
    for (int f = 0; f < frequencies; f += held) {
        Lanes sums[held] = {};
        for (int x = axis.first; x < axis.last; ++x) {
            const Lanes weight = HASHMATCH_LANES(&axis.weights[x * frequencies]);
            for (int i = 0; i < held; ++i) sums[i] += in[(f + i) * side + x] * weight;
        }
        for (int i = 0; i < held; ++i) HASHMATCH_LANES_OUT(out + (f + i) * frequencies) = sums[i];
    }
}

void from_columns(const float* in, const Axis& axis, float* out) {
    for (int f = 0; f < frequencies; f += held) {
        Lanes sums[held] = {};
        for (int y = axis.first; y < axis.last; ++y) {
            const Lanes sample = HASHMATCH_LANES(in + y * frequencies);
            const float* weight = &axis.weights[y * frequencies + f];
            for (int i = 0; i < held; ++i) sums[i] += weight[i] * sample;
        }
        for (int i = 0; i < held; ++i) HASHMATCH_LANES_OUT(out + (f + i) * frequencies) = sums[i];
    }
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
