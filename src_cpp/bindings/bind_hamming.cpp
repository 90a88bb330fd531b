// HammingIndex and HammingSnapshot.
//
// In every method the arrays are held by the caller's frame, and the core touches no Python object, so
// the GIL is released around it. The index has its own locks, taken only without the GIL: no deadlock.
#include <limits>

#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "bindings/results.hpp"
#include "hashmatch/hamming_index.hpp"

namespace hashmatch::bindings {
namespace {

using hamming::Index;
using hamming::Radius;
using hamming::SearchOptions;
using hamming::SearchResult;
using hamming::Segment;
using hamming::Snapshot;
using hamming::Strategy;
using hamming::Tombstones;
using hamming::Work;

std::int64_t rows_of(const hamming::Layout& layout, const Bytes& hashes) {
    require(hashes.ndim() == 2 && hashes.shape(1) == layout.bytes(),
            "hashes: expected uint8 (n, bits // 8)");
    require(hashes.shape(0) <= std::numeric_limits<std::int32_t>::max(),
            "hashes: expected fewer than 2**31");
    return hashes.shape(0);
}

void add(Index& index, const Bytes& hashes, const Ids& ids) {
    const std::int64_t n = rows_of(index.layout(), hashes);
    require(ids.ndim() == 1 && ids.shape(0) == n, "ids: expected int64 (n,)");
    const py::gil_scoped_release released;
    index.add(hashes.data(), ids.data(), n);
}

std::int64_t append(Index& index, const Bytes& hashes) {
    const std::int64_t n = rows_of(index.layout(), hashes);
    const py::gil_scoped_release released;
    return index.add(hashes.data(), n);
}

void remove(Index& index, const Ids& ids) {
    require(ids.ndim() == 1, "ids: expected int64 (n,)");
    const py::gil_scoped_release released;
    index.remove(ids.data(), ids.shape(0));
}

using PartTuple = std::pair<std::shared_ptr<const Segment>, std::optional<Words>>;

void replace(Index& index, const std::vector<PartTuple>& parts, std::int64_t next_id) {
    std::vector<hamming::Part> taken;
    for (const auto& [segment, bits] : parts) {
        std::shared_ptr<Tombstones> removed;
        if (bits) {
            const std::int64_t words = (segment->size() + 63) / 64;
            require(bits->ndim() == 1 && bits->shape(0) == words, "removed: expected uint64 (n / 64,)");
            removed = std::make_shared<Tombstones>(segment->size());
            for (std::int64_t i = 0; i < segment->size(); ++i) {
                if ((bits->data()[i / 64] >> (i % 64) & 1) != 0) removed->set(i);
            }
        }
        taken.push_back({segment, removed});
    }
    const py::gil_scoped_release released;
    index.replace(std::move(taken), next_id);
}

std::vector<PartTuple> parts_of(const Snapshot& snapshot) {
    std::vector<PartTuple> parts;
    for (const hamming::Part& part : snapshot.parts) {
        std::optional<Words> removed;
        if (part.removed) removed = array_of<Words>(part.removed->words());
        parts.emplace_back(part.segment, removed);
    }
    return parts;
}

py::tuple range_search(const Snapshot& snapshot, const Bytes& queries, int max_distance,
                       std::optional<int> prefilter_distance, const std::string& strategy, int threads) {
    const std::int64_t n = rows_of(snapshot.layout, queries);
    const Radius radius{max_distance, prefilter_distance.has_value(), prefilter_distance.value_or(0)};
    const SearchOptions options{strategy_of(strategy), threads};
    SearchResult result;
    Work work;
    {
        const py::gil_scoped_release released;
        result = hamming::range_search(snapshot, queries.data(), n, radius, options, work);
    }
    return py::make_tuple(array_of<Ids>(result.offsets), array_of<Ids>(result.ids),
                          array_of<Distances>(result.distances), tuple_of(work));
}

py::tuple knn(const Snapshot& snapshot, const Bytes& queries, std::int64_t k,
              const std::string& strategy, int threads) {
    const std::int64_t n = rows_of(snapshot.layout, queries);
    const SearchOptions options{strategy_of(strategy), threads};
    SearchResult result;
    {
        const py::gil_scoped_release released;
        result = hamming::knn(snapshot, queries.data(), n, k, options);
    }
    return py::make_tuple(array_of<Ids>(result.offsets), array_of<Ids>(result.ids),
                          array_of<Distances>(result.distances));
}

py::list explain(const Snapshot& snapshot, const Bytes& query, int max_distance, std::int64_t n_queries,
                 const std::string& strategy) {
    require(rows_of(snapshot.layout, query) == 1, "query: expected uint8 (1, bits // 8)");
    const Strategy chosen = strategy_of(strategy);
    std::vector<hamming::Plan> plans;
    {
        const py::gil_scoped_release released;
        plans = hamming::explain(snapshot, query.data(), max_distance, n_queries, chosen);
    }
    py::list result;
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const hamming::Plan& plan = plans[i];
        const Segment& segment = *snapshot.parts[i].segment;
        const hamming::TableShape& shape = segment.tables.shape;
        py::list radii;
        for (int c = 0; plan.probing && c < shape.chunks; ++c) radii.append(plan.radii[c]);
        result.append(py::make_tuple(segment.size(), plan.probing, shape.key_bits, py::tuple(radii),
                                     tuple_of(plan.expected), plan.cost_ns, plan.scan_ns));
    }
    return result;
}

}  // namespace

void register_hamming(py::module_& module) {
    py::class_<Snapshot, std::shared_ptr<Snapshot>>(module, "HammingSnapshot")
        .def_property_readonly("bits", [](const Snapshot& s) { return s.layout.bits(); })
        .def_property_readonly("memory_bytes", &Snapshot::memory_bytes)
        .def_property_readonly("parts", &parts_of)
        .def("__len__", &Snapshot::size)
        .def("contains", &Snapshot::contains, py::arg("id"))
        .def("range_search", &range_search, py::arg("queries").noconvert(), py::arg("max_distance"),
             py::arg("prefilter_distance"), py::arg("strategy"), py::arg("threads"))
        .def("knn", &knn, py::arg("queries").noconvert(), py::arg("k"), py::arg("strategy"),
             py::arg("threads"))
        .def("explain", &explain, py::arg("query").noconvert(), py::arg("max_distance"),
             py::arg("n_queries"), py::arg("strategy"));

    py::class_<Index>(module, "HammingIndex")
        .def(py::init<int, bool>(), py::arg("bits"), py::arg("with_tables"))
        .def_property_readonly("bits", &Index::bits)
        .def_property_readonly("next_id", &Index::next_id)
        .def("add", &add, py::arg("hashes").noconvert(), py::arg("ids").noconvert())
        .def("append", &append, py::arg("hashes").noconvert())
        .def("remove", &remove, py::arg("ids").noconvert())
        .def("compact", &Index::compact, py::call_guard<py::gil_scoped_release>())
        .def("replace", &replace, py::arg("parts"), py::arg("next_id"))
        .def("snapshot",
             [](const Index& index) { return std::const_pointer_cast<Snapshot>(index.snapshot()); });
}

}  // namespace hashmatch::bindings
