// The state of one search for a placement: what is known at the current one, so that a step along one
// axis costs a sixteenth of the whole product.
#pragma once

#include "registration/products.hpp"

namespace hashmatch::registration {

using Values = std::array<float, frequencies * frequencies>;

/// Lower median of the coefficients, as PDQ's.
float lower_median(const Values& values);

struct Fit {
    int distance = 0;
    float cost = 0;  // distance, and how decidedly the coefficients agree where it ties
};

class Product {
public:
    explicit Product(const Kernels& kernels) : kernels_(kernels) {}

    /// Coefficients of the canvas at a placement that changed since the last call in its left and right
    /// edges, or in its top and bottom, or in both; the canvas counts as both.
    void along_rows(const Canvas& canvas, const Placement& placement, Values& values);
    void along_columns(const Canvas& canvas, const Placement& placement, Values& values);

private:
    struct Held {
        const Canvas* canvas = nullptr;
        float before = 0;
        float after = 0;
        bool is(const Canvas& of, float b, float a) const {
            return canvas == &of && before == b && after == a;
        }
    };

    const Kernels& kernels_;
    Axis axis_;
    Held rows_of_;
    Held columns_of_;
    alignas(64) std::array<float, side * frequencies> rows_;
    alignas(64) std::array<float, side * frequencies> columns_;
    alignas(64) Values room_;
};

}  // namespace hashmatch::registration
