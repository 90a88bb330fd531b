#include "registration/axis.hpp"

#include <algorithm>
#include <cmath>

#include "image_hash/pdq_coefficients.hpp"

namespace hashmatch::registration {

// PDQ's two box passes make a tent half as wide, on each side, as the step from one of its 64 sample
// points to the next; it is never narrower here than linear interpolation between two samples.
void make_axis(float before, float after, int content, int margin, Axis& axis) {
    const float step = static_cast<float>(content) / (1.0F - before - after) / pdq::side;
    const float reach = std::max(1.0F, step / 2);
    axis.first = side;
    axis.last = 0;
    int cleared = 0;  // weights below this sample are set
    for (int i = 0; i < pdq::side; ++i) {
        const float middle = (static_cast<float>(i) + 0.5F - before * pdq::side) * step - 0.5F +
                             static_cast<float>(margin);
        const int low = static_cast<int>(std::ceil(std::max(middle - reach, -4096.0F)));
        const int high = static_cast<int>(std::floor(std::min(middle + reach, 4096.0F)));
        float total = 0;
        for (int n = low; n <= high; ++n)
            total += 1.0F - std::abs(static_cast<float>(n) - middle) / reach;
        const int first = std::clamp(low, 0, side - 1);
        const int last = std::clamp(high, 0, side - 1);
        if (i == 0) {
            axis.first = first;
            cleared = first;
        }
        for (; cleared <= last; ++cleared) {
            std::fill_n(&axis.weights[static_cast<std::size_t>(cleared) * pdq::frequencies],
                        pdq::frequencies, 0.0F);
        }
        axis.last = std::max(axis.last, last + 1);
        const float* cosines = pdq::cosines_at(i);
        for (int n = low; n <= high; ++n) {
            const float weight = (1.0F - std::abs(static_cast<float>(n) - middle) / reach) / total;
            const auto at = static_cast<std::size_t>(std::clamp(n, 0, side - 1));
            float* out = &axis.weights[at * pdq::frequencies];
            for (int f = 0; f < pdq::frequencies; ++f) out[f] += weight * cosines[f];
        }
    }
}

}  // namespace hashmatch::registration
