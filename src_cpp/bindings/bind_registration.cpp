// Registration: one view of a query against bare hashes.
#include <cstring>

#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "hashmatch/registration.hpp"

namespace hashmatch::bindings {
namespace {

using registration::Effort;
using registration::Placement;
using registration::Query;
using registration::Refined;

constexpr int parameters = 5;
static_assert(sizeof(Placement) == parameters * sizeof(float));

std::unique_ptr<Query> make_query(const Bytes& compact, float aspect, const std::array<float, 4>& window,
                                  bool extended) {
    require(compact.ndim() == 2 && compact.shape(0) == registration::side &&
                compact.shape(1) == registration::side,
            "compact: expected uint8 (256, 256)");
    const py::gil_scoped_release released;  // the caller's frame holds the array
    return std::make_unique<Query>(compact.data(), aspect,
                                   registration::Window{window[0], window[1], window[2], window[3]},
                                   extended);
}

const Placement* placements_of(const Floats& array) {
    require(array.ndim() == 2 && array.shape(1) == parameters, "placements: expected float32 (n, 5)");
    return reinterpret_cast<const Placement*>(array.data());
}

void require_orientation(int orientation) {
    require(orientation >= 0 && orientation < pdq::orientations, "orientation: expected 0..7");
}

Bytes hashes(Query& query, const Floats& placements, int orientation) {
    const Placement* at = placements_of(placements);
    require_orientation(orientation);
    Bytes out({placements.shape(0), static_cast<py::ssize_t>(pdq::hash_bytes)});
    std::uint8_t* into = out.mutable_data();
    {
        const py::gil_scoped_release released;  // both arrays are held by this frame
        query.hashes(at, placements.shape(0), orientation, into);
    }
    return out;
}

py::tuple refine(Query& query, const Bytes& wanted, const Floats& starts, const Ids& orientations,
                 const Effort& effort) {
    const Placement* from = placements_of(starts);
    const py::ssize_t n = starts.shape(0);
    require(wanted.ndim() == 2 && wanted.shape(0) == n && wanted.shape(1) == pdq::hash_bytes,
            "hashes: expected uint8 (n, 32)");
    require(orientations.ndim() == 1 && orientations.shape(0) == n, "orientations: expected int64 (n,)");
    for (py::ssize_t i = 0; i < n; ++i) require_orientation(static_cast<int>(orientations.data()[i]));
    Ids numbers({n, py::ssize_t{3}});
    Floats placements({n, py::ssize_t{parameters}});
    Floats weights(n);
    Bytes found({n, static_cast<py::ssize_t>(pdq::hash_bytes)});
    std::int64_t* number = numbers.mutable_data();
    auto* placement = reinterpret_cast<Placement*>(placements.mutable_data());
    float* weighted = weights.mutable_data();
    std::uint8_t* hash = found.mutable_data();
    {
        const py::gil_scoped_release released;  // every array is held by this frame
        for (py::ssize_t i = 0; i < n; ++i) {
            const Refined refined = query.refine(wanted.data() + i * pdq::hash_bytes, from[i],
                                                 static_cast<int>(orientations.data()[i]), effort);
            number[3 * i] = refined.distance;
            number[3 * i + 1] = refined.coarse;
            number[3 * i + 2] = refined.evaluations;
            placement[i] = refined.placement;
            weighted[i] = refined.weighted;
            std::memcpy(hash + i * pdq::hash_bytes, refined.hash.data(), refined.hash.size());
        }
    }
    return py::make_tuple(numbers, weights, placements, found);
}

}  // namespace

void register_registration(py::module_& module) {
    py::class_<Effort>(module, "RegistrationEffort")
        .def(py::init([](int rounds, std::array<int, 3> hopeless, float step, float turn, int weighing,
                         float firmness) {
                 return Effort{rounds, hopeless, step, turn, weighing, firmness};
             }),
             py::kw_only(), py::arg("rounds"), py::arg("hopeless"), py::arg("step"), py::arg("turn"),
             py::arg("weighing"), py::arg("firmness"));
    py::class_<Query>(module, "RegistrationQuery")
        .def(py::init(&make_query), py::arg("compact").noconvert(), py::arg("aspect"), py::arg("window"),
             py::arg("extended"))
        .def("hashes", &hashes, py::arg("placements").noconvert(), py::arg("orientation"))
        .def("refine", &refine, py::arg("hashes").noconvert(), py::arg("starts").noconvert(),
             py::arg("orientations").noconvert(), py::arg("effort"));
}

}  // namespace hashmatch::bindings
