#include <cstring>

#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "hashmatch/pdq.hpp"

namespace hashmatch::bindings {
namespace {

pdq::Pixels pixels_of(const Bytes& array) {
    require(array.ndim() == 2 || (array.ndim() == 3 && array.shape(2) == 3),
            "pixels: expected uint8 (h, w) or (h, w, 3)");
    return {array.data(), array.shape(0), array.shape(1), array.ndim() == 2 ? 1 : 3};
}

// Every function here: the array is held by the caller's frame, so its bytes stay alive and in place;
// the core touches no Python object. Outputs are created before the GIL is released.

template <typename Compute>
py::tuple single(const Bytes& array, Compute compute) {
    const pdq::Pixels pixels = pixels_of(array);
    pdq::Result result;
    {
        const py::gil_scoped_release released;
        result = compute(pixels);
    }
    Bytes bytes(pdq::hash_bytes);
    std::memcpy(bytes.mutable_data(), result.hash.data(), result.hash.size());
    return py::make_tuple(bytes, result.quality, result.certified);
}

py::tuple hash_dihedral(const Bytes& array, int quality_of) {
    const pdq::Pixels pixels = pixels_of(array);
    pdq::DihedralResult result;
    {
        const py::gil_scoped_release released;
        result = pdq::hash_dihedral(pixels, quality_of);
    }
    Bytes bytes({pdq::orientations, pdq::hash_bytes});
    std::memcpy(bytes.mutable_data(), result.hashes.data(), sizeof result.hashes);
    return py::make_tuple(bytes, result.quality, result.certified);
}

py::tuple hash_cells(const Bytes& means, std::int64_t full_height, std::int64_t full_width,
                     std::int64_t scale) {
    require(means.ndim() == 2, "means: expected uint8 (h, w)");
    const pdq::Cells cells{pixels_of(means), full_height, full_width, scale};
    pdq::DihedralResult result;
    {
        const py::gil_scoped_release released;
        result = pdq::hash_cells(cells);
    }
    Bytes bytes({pdq::orientations, pdq::hash_bytes});
    std::memcpy(bytes.mutable_data(), result.hashes.data(), sizeof result.hashes);
    return py::make_tuple(bytes, result.quality);
}

Floats reduced(const Bytes& array, pdq::Small (*reduce)(const pdq::Pixels&)) {
    const pdq::Pixels pixels = pixels_of(array);
    Floats out({pdq::side, pdq::side});
    pdq::Small small;
    {
        const py::gil_scoped_release released;
        small = reduce(pixels);
    }
    std::memcpy(out.mutable_data(), small.data(), sizeof small);
    return out;
}

}  // namespace

void register_image_hash(py::module_& module) {
    module.def(
        "pdq",
        [](const Bytes& array, int orientation) {
            return single(array, [orientation](const pdq::Pixels& pixels) {
                return pdq::hash(pixels, orientation);
            });
        },
        py::arg("pixels").noconvert(), py::arg("orientation") = 0);
    module.def("pdq_dihedral", &hash_dihedral, py::arg("pixels").noconvert(), py::arg("quality_of") = 0);
    module.def("pdq_cells", &hash_cells, py::arg("means").noconvert(), py::kw_only(),
               py::arg("full_height"), py::arg("full_width"), py::arg("scale"));
    module.def(
        "pdq_reference", [](const Bytes& pixels) { return single(pixels, &pdq::hash_reference); },
        py::arg("pixels").noconvert());
    module.def(
        "pdq_small",
        [](const Bytes& pixels, bool reference) {
            return reduced(pixels, reference ? &pdq::small_from_reference : &pdq::small_from_bands);
        },
        py::arg("pixels").noconvert(), py::kw_only(), py::arg("reference"));
}

}  // namespace hashmatch::bindings
