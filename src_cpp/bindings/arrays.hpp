// The array types that cross the boundary, named once; the stub repeats them.
//
// Python has validated and said what was wrong; here only what protects memory is checked, and nothing
// is cast: c_style without forcecast, arguments bound with noconvert().
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace hashmatch::bindings {

namespace py = pybind11;

using Bytes = py::array_t<std::uint8_t, py::array::c_style>;
using Ids = py::array_t<std::int64_t, py::array::c_style>;
using Distances = py::array_t<std::uint16_t, py::array::c_style>;
using Words = py::array_t<std::uint64_t, py::array::c_style>;
using Entries = py::array_t<std::uint32_t, py::array::c_style>;
using Floats = py::array_t<float, py::array::c_style>;

inline void require(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

}  // namespace hashmatch::bindings
