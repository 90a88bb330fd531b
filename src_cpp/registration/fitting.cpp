#include "registration/fitting.hpp"

#include <algorithm>

namespace hashmatch::registration {

float lower_median(const Values& values) {
    Values order = values;
    const auto middle = order.begin() + (order.size() / 2 - 1);
    std::nth_element(order.begin(), middle, order.end());
    return *middle;
}

void Product::along_rows(const Canvas& canvas, const Placement& placement, Values& values) {
    if (!rows_of_.is(canvas, placement.top, placement.bottom)) {
        make_axis(placement.top, placement.bottom, canvas.content, canvas.margin, axis_);
        kernels_.rows(canvas.samples.data(), axis_, rows_.data());
        rows_of_ = {&canvas, placement.top, placement.bottom};
    }
    make_axis(placement.left, placement.right, canvas.content, canvas.margin, axis_);
    kernels_.from_rows(rows_.data(), axis_, room_.data());
    values = room_;
}

void Product::along_columns(const Canvas& canvas, const Placement& placement, Values& values) {
    if (!columns_of_.is(canvas, placement.left, placement.right)) {
        make_axis(placement.left, placement.right, canvas.content, canvas.margin, axis_);
        kernels_.columns(canvas.samples.data(), axis_, columns_.data());
        columns_of_ = {&canvas, placement.left, placement.right};
    }
    make_axis(placement.top, placement.bottom, canvas.content, canvas.margin, axis_);
    kernels_.from_columns(columns_.data(), axis_, room_.data());
    values = room_;
}

}  // namespace hashmatch::registration
