#include <cstring>

#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "hashmatch/pdq_plane.hpp"
#include "hashmatch/tmk.hpp"

namespace hashmatch::bindings {
namespace {

using Samples = py::array_t<std::uint8_t, 0>;  // a decoder's rows may be padded

pdq::Plane plane_of(const Samples& array, bool full_range) {
    const bool grey = array.ndim() == 2;
    require(grey || (array.ndim() == 3 && array.shape(2) == 3),
            "pixels: expected uint8 (h, w) or (h, w, 3)");
    const bool packed = grey ? array.strides(1) == 1 : array.strides(2) == 1 && array.strides(1) == 3;
    require(packed && array.strides(0) > 0, "pixels: expected rows of packed samples, top to bottom");
    return {array.data(), array.shape(0), array.shape(1), array.strides(0), grey ? 1 : 3, full_range};
}

// Every function here: the array is held by the caller's frame, so its bytes stay alive and in place;
// the core touches no Python object.

py::tuple hash_plane(const Samples& array, bool full_range, int orientation) {
    const pdq::Plane plane = plane_of(array, full_range);
    pdq::Result result;
    {
        const py::gil_scoped_release released;
        result = pdq::hash_plane(plane, orientation);
    }
    Bytes bytes(pdq::hash_bytes);
    std::memcpy(bytes.mutable_data(), result.hash.data(), result.hash.size());
    return py::make_tuple(bytes, result.quality);
}

py::tuple hash_plane_dihedral(const Samples& array, bool full_range, int quality_of) {
    const pdq::Plane plane = plane_of(array, full_range);
    pdq::DihedralResult result;
    {
        const py::gil_scoped_release released;
        result = pdq::hash_plane_dihedral(plane, quality_of);
    }
    Bytes bytes({pdq::orientations, pdq::hash_bytes});
    std::memcpy(bytes.mutable_data(), result.hashes.data(), sizeof result.hashes);
    return py::make_tuple(bytes, result.quality);
}

Floats plane_coefficients(const Samples& array, bool full_range) {
    const pdq::Plane plane = plane_of(array, full_range);
    pdq::Coefficients values;
    {
        const py::gil_scoped_release released;
        values = pdq::plane_coefficients(plane);
    }
    Floats out(tmk::dimension);
    std::memcpy(out.mutable_data(), values.data(), sizeof values);
    return out;
}

void add_frames(tmk::Builder& builder, const Floats& features) {
    require(features.ndim() == 2 && features.shape(1) == tmk::dimension,
            "features: expected float32 (n, 256)");
    // The GIL is kept: it is what keeps two threads out of one builder, and a frame takes microseconds.
    builder.add(features.data(), features.shape(0));
}

Floats array_of(const std::vector<float>& values, std::vector<py::ssize_t> shape) {
    Floats out(std::move(shape));
    std::memcpy(out.mutable_data(), values.data(), values.size() * sizeof(float));
    return out;
}

py::tuple finish(const tmk::Builder& builder) {
    const tmk::Features made = builder.finish();
    const std::vector<py::ssize_t> shape{static_cast<py::ssize_t>(tmk::periods.size()), tmk::n_fourier,
                                         tmk::dimension};
    return py::make_tuple(made.n_frames, array_of(made.average, {tmk::dimension}),
                          array_of(made.cosines, shape), array_of(made.sines, shape));
}

}  // namespace

void register_video_hash(py::module_& module) {
    module.def("pdq_plane", &hash_plane, py::arg("pixels").noconvert(), py::kw_only(),
               py::arg("full_range"), py::arg("orientation") = 0);
    module.def("pdq_plane_dihedral", &hash_plane_dihedral, py::arg("pixels").noconvert(), py::kw_only(),
               py::arg("full_range"), py::arg("quality_of") = 0);
    module.def("pdq_coefficients", &plane_coefficients, py::arg("pixels").noconvert(), py::kw_only(),
               py::arg("full_range"));
    module.def("tmk_periods", [] { return tmk::periods; });
    module.def("tmk_fourier_coefficients", [] {
        const auto& values = tmk::fourier_coefficients();
        return array_of({values.begin(), values.end()}, {tmk::n_fourier});
    });
    py::class_<tmk::Builder>(module, "TmkBuilder")
        .def(py::init<>())
        .def("add", &add_frames, py::arg("features").noconvert())
        .def("finish", &finish)
        .def_property_readonly("n_frames", &tmk::Builder::n_frames);
}

}  // namespace hashmatch::bindings
