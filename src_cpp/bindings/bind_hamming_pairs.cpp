// HammingPairs and HammingCrossPairs: joins, block by block.
#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "bindings/results.hpp"
#include "hashmatch/hamming_pairs.hpp"

namespace hashmatch::bindings {
namespace {

using hamming::CrossPairCursor;
using hamming::PairBlock;
using hamming::PairCursor;
using hamming::Snapshot;

// The next pairs, none at the end. The cursor is used by one thread at a time (Python sees to it) and
// touches no Python object, so the GIL is released; now and then it is taken to let a signal in.
template <typename Cursor>
py::tuple next(Cursor& cursor, std::int64_t wanted) {
    PairBlock block;
    for (bool ready = false; !ready;) {
        {
            const py::gil_scoped_release released;
            ready = cursor.advance(wanted, block);
        }
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    }
    return py::make_tuple(array_of<Ids>(block.first), array_of<Ids>(block.second),
                          array_of<Distances>(block.distances));
}

}  // namespace

void register_hamming_pairs(py::module_& module) {
    py::class_<PairCursor>(module, "HammingPairs")
        .def(py::init([](const Snapshot& snapshot, int max_distance) {
                 // Merging touches no Python object.
                 const py::gil_scoped_release released;
                 return std::make_unique<PairCursor>(snapshot, max_distance);
             }),
             py::arg("snapshot"), py::arg("max_distance"))
        .def("next", &next<PairCursor>, py::arg("wanted"))
        .def_property_readonly("probing", &PairCursor::probing)
        .def_property_readonly("work", [](const PairCursor& c) { return tuple_of(c.work()); });

    py::class_<CrossPairCursor>(module, "HammingCrossPairs")
        .def(py::init([](std::shared_ptr<Snapshot> base, std::shared_ptr<Snapshot> other,
                         int max_distance, const std::string& strategy, int threads) {
                 require(base->layout.bits() == other->layout.bits(),
                         "other: expected hashes of the same length");
                 return std::make_unique<CrossPairCursor>(
                     std::move(base), std::move(other), max_distance,
                     hamming::SearchOptions{strategy_of(strategy), threads});
             }),
             py::arg("base"), py::arg("other"), py::arg("max_distance"), py::arg("strategy"),
             py::arg("threads"))
        .def("next", &next<CrossPairCursor>, py::arg("wanted"))
        .def_property_readonly("work", [](const CrossPairCursor& c) { return tuple_of(c.work()); });
}

}  // namespace hashmatch::bindings
