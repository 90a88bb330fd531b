// Vectors of the core as arrays.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "bindings/arrays.hpp"
#include "hashmatch/hamming_plan.hpp"

namespace hashmatch::bindings {

template <typename Array, typename T>
Array array_of(const std::vector<T>& values) {
    Array array(static_cast<py::ssize_t>(values.size()));
    if (!values.empty()) std::memcpy(array.mutable_data(), values.data(), values.size() * sizeof(T));
    return array;
}

/// "auto", "scan" or "mih".
inline hamming::Strategy strategy_of(const std::string& name) {
    require(name == "auto" || name == "scan" || name == "mih", "strategy: expected auto, scan or mih");
    return name == "auto"   ? hamming::Strategy::automatic
           : name == "scan" ? hamming::Strategy::scan
                            : hamming::Strategy::probe;
}

inline py::tuple tuple_of(const hamming::Work& work) {
    return py::make_tuple(work.probes, work.entries, work.verified, work.scanned);
}

}  // namespace hashmatch::bindings
