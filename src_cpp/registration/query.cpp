#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <tuple>
#include <vector>

#include "image_hash/pdq_coefficients.hpp"
#include "registration/fitting.hpp"

namespace hashmatch::registration {

Query::Query(const std::uint8_t* compact, float aspect, const Window& window, bool extended)
    : aspect_(aspect * (window.right - window.left) / (window.bottom - window.top)) {
    canvases_[{0, 0}] = make_canvas(compact, window, extended);
}

Query::~Query() = default;

const Canvas& Query::canvas(int orientation, float angle) {
    const int quarters = static_cast<int>(std::lround(angle * 4));
    std::unique_ptr<Canvas>& slot = canvases_[{orientation, quarters}];
    if (!slot) {
        if (quarters == 0) {
            slot = reoriented(canvas(0, 0), orientation);
        } else {
            const bool transposed = orientation == 1 || orientation == 3 || orientation >= 6;
            slot = turned(canvas(orientation, 0), static_cast<float>(quarters) / 4,
                          transposed ? 1 / aspect_ : aspect_);
        }
    }
    return *slot;
}

void Query::forget_turned() {
    constexpr std::size_t most = 64;  // 16 MiB
    if (canvases_.size() <= most) return;
    std::erase_if(canvases_, [](const auto& entry) { return entry.first.second != 0; });
}

void Query::hashes(const Placement* placements, std::int64_t n, int orientation, std::uint8_t* out) {
    forget_turned();
    // Placements that share the canvas and the rows' product stand together.
    std::vector<std::int64_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
        const Placement& p = placements[a];
        const Placement& q = placements[b];
        return std::tie(p.angle, p.top, p.bottom) < std::tie(q.angle, q.top, q.bottom);
    });
    auto product = std::make_unique<Product>(kernels_for(cpu::active()));
    Values values;
    for (const std::int64_t i : order) {
        product->along_rows(canvas(orientation, placements[i].angle), placements[i], values);
        const pdq::Hash hash = pdq::bits(values).hash;
        std::memcpy(out + i * pdq::hash_bytes, hash.data(), hash.size());
    }
}

}  // namespace hashmatch::registration
